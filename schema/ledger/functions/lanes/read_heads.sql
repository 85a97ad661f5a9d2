-- Heads of some tenants, with their slots; one is plain where nobody was erased and nobody
-- restricts it.
CREATE OR REPLACE FUNCTION tally.read_heads(p_tenants uuid[])
    RETURNS TABLE (
        tenant_id uuid, slot int, size bigint, last_leaf_hash bytea, recorded_at bigint,
        closed_through bigint, state smallint, is_plain boolean
    )
    LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN QUERY
        SELECT t.tenant_id, t.slot, h.size, h.last_leaf_hash, h.recorded_at, h.closed_through,
            h.state, h.state = 0
                AND NOT EXISTS (SELECT FROM tally.key_fence f WHERE f.slot = t.slot)
        FROM tally.tenant t JOIN tally.head h USING (slot)
        WHERE t.tenant_id = ANY (p_tenants);
END
$$;

ALTER FUNCTION tally.read_heads OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.read_heads FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.read_heads TO tally_writer, tally_reader, tally_auditor;
