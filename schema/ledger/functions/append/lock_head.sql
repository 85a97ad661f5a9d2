-- Locks a tenant's head until the end of the transaction and gives it.
CREATE OR REPLACE FUNCTION tally.lock_head(p_slot int)
    RETURNS TABLE (
        slot int, tenant_id uuid, size bigint, last_leaf_hash bytea, recorded_at bigint,
        closed_through bigint, state smallint
    )
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
        SELECT h.slot, h.tenant_id, h.size, h.last_leaf_hash, h.recorded_at, h.closed_through,
            h.state
        FROM tally.head h WHERE h.slot = p_slot FOR NO KEY UPDATE;
END
$$;

ALTER FUNCTION tally.lock_head OWNER TO tally_appender;
REVOKE ALL ON FUNCTION tally.lock_head FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.lock_head TO tally_ledgerkinds, tally_writer;
