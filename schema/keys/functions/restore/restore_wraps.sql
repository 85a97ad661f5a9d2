-- Stores wraps of tenants' TWKs in place of those that do not open; a tenant that was erased gets
-- none. p_dirty names tenants that had a later TWK, because a key under this one was destroyed.
CREATE OR REPLACE FUNCTION tally_keys.restore_wraps(
    p_ledger uuid, p_tenants uuid[], p_epochs bigint[], p_twks bytea[], p_wrapped bytea[],
    p_dirty uuid[]
) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO tally_keys.tenant_wrap AS w (tenant_id, epoch, twk_id, wrapped)
    SELECT * FROM unnest(p_tenants, p_epochs, p_twks, p_wrapped)
    ON CONFLICT (tenant_id) DO UPDATE
    SET epoch = excluded.epoch, twk_id = excluded.twk_id, wrapped = excluded.wrapped
    WHERE w.wrapped IS NOT NULL;
    UPDATE tally_keys.tenant_wrap SET dirty_since = (
        SELECT max(epoch) FROM tally_keys.key_epoch WHERE ledger_id = p_ledger)
    WHERE tenant_id = ANY (p_dirty);
END
$$;

ALTER FUNCTION tally_keys.restore_wraps OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.restore_wraps FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.restore_wraps TO tally_key_keeper;
