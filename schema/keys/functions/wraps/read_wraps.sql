-- Every tenant's wrap, in the order of their ids; of an erased tenant a row without one.
CREATE OR REPLACE FUNCTION tally_keys.read_wraps()
    RETURNS TABLE (
        tenant_id uuid, epoch bigint, twk_id bytea, wrapped bytea, dirty_since bigint
    )
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT w.tenant_id, w.epoch, w.twk_id, w.wrapped, w.dirty_since
    FROM tally_keys.tenant_wrap w ORDER BY w.tenant_id
$$;

ALTER FUNCTION tally_keys.read_wraps OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.read_wraps FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.read_wraps TO tally_key_keeper;
