-- The wrap of a tenant as it is now, without a lock, which a standby could not take.
CREATE OR REPLACE FUNCTION tally_keys.read_wrap(p_tenant uuid)
    RETURNS TABLE (
        tenant_id uuid, epoch bigint, twk_id bytea, wrapped bytea, dirty_since bigint
    )
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT w.tenant_id, w.epoch, w.twk_id, w.wrapped, w.dirty_since
    FROM tally_keys.tenant_wrap w WHERE w.tenant_id = p_tenant
$$;

ALTER FUNCTION tally_keys.read_wrap OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.read_wrap FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.read_wrap TO tally_key_writer, tally_key_keeper;
