-- The wrap of a tenant, held against replacement until the end of the transaction.
CREATE OR REPLACE FUNCTION tally_keys.hold_wrap(p_tenant uuid)
    RETURNS TABLE (
        tenant_id uuid, epoch bigint, twk_id bytea, wrapped bytea, dirty_since bigint
    )
    LANGUAGE sql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT w.tenant_id, w.epoch, w.twk_id, w.wrapped, w.dirty_since
    FROM tally_keys.tenant_wrap w WHERE w.tenant_id = p_tenant FOR SHARE
$$;

ALTER FUNCTION tally_keys.hold_wrap OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.hold_wrap FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.hold_wrap TO tally_key_writer, tally_key_keeper;
