-- Wraps of some tenants, locked: no key is created under them until the transaction ends.
CREATE OR REPLACE FUNCTION tally_keys.lock_wraps(p_tenants uuid[])
    RETURNS TABLE (
        tenant_id uuid, epoch bigint, twk_id bytea, wrapped bytea, dirty_since bigint
    )
    LANGUAGE sql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT w.tenant_id, w.epoch, w.twk_id, w.wrapped, w.dirty_since
    FROM tally_keys.tenant_wrap w WHERE w.tenant_id = ANY (p_tenants)
    ORDER BY w.tenant_id FOR UPDATE
$$;

ALTER FUNCTION tally_keys.lock_wraps OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.lock_wraps FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.lock_wraps TO tally_key_keeper;
