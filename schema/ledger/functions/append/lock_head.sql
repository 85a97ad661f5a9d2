-- Locks a tenant's head until the end of the transaction and gives it.
CREATE OR REPLACE FUNCTION tally.lock_head(p_tenant uuid)
    RETURNS TABLE (
        tenant_id uuid, size bigint, last_leaf_hash bytea, recorded_at bigint,
        closed_through bigint, state smallint
    )
    LANGUAGE sql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT h.tenant_id, h.size, h.last_leaf_hash, h.recorded_at, h.closed_through, h.state
    FROM tally.head h WHERE h.tenant_id = p_tenant FOR NO KEY UPDATE
$$;

ALTER FUNCTION tally.lock_head OWNER TO tally_appender;
REVOKE ALL ON FUNCTION tally.lock_head FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.lock_head TO tally_ledgerkinds, tally_writer;
