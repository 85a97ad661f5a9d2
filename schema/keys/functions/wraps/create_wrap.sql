-- Gives a tenant its wrapping key once: false when it has one already, NULL when the epoch is not
-- the active one any more. Until the end of the transaction it stays so.
CREATE OR REPLACE FUNCTION tally_keys.create_wrap(
    p_ledger uuid, p_tenant uuid, p_epoch bigint, p_twk bytea, p_wrapped bytea
) RETURNS boolean
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM tally_keys.key_epoch
    WHERE ledger_id = p_ledger AND epoch = p_epoch AND state = 'active' FOR SHARE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    INSERT INTO tally_keys.tenant_wrap (tenant_id, epoch, twk_id, wrapped)
    VALUES (p_tenant, p_epoch, p_twk, p_wrapped) ON CONFLICT DO NOTHING;
    RETURN FOUND;
END
$$;

ALTER FUNCTION tally_keys.create_wrap OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.create_wrap FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.create_wrap TO tally_key_writer, tally_key_keeper;
