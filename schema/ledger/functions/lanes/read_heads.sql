-- Heads of some tenants.
CREATE OR REPLACE FUNCTION tally.read_heads(p_tenants uuid[])
    RETURNS TABLE (
        tenant_id uuid, size bigint, last_leaf_hash bytea, recorded_at bigint,
        closed_through bigint, state smallint
    )
    LANGUAGE sql STABLE
AS $$
    SELECT h.tenant_id, h.size, h.last_leaf_hash, h.recorded_at, h.closed_through, h.state
    FROM tally.head h WHERE h.tenant_id = ANY (p_tenants)
$$;

ALTER FUNCTION tally.read_heads OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.read_heads FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.read_heads TO tally_writer, tally_reader, tally_auditor;
