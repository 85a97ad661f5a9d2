-- Waits for whoever is making keys of some tenants, or tenants, and lets nobody begin until the end
-- of the transaction: what a journal has and the key store not is not on its way then.
CREATE OR REPLACE FUNCTION tally_keys.hold_creation(p_ledger uuid, p_tenants uuid[]) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM tally_keys.key_epoch WHERE ledger_id = p_ledger ORDER BY epoch FOR UPDATE;
    PERFORM FROM tally_keys.tenant_wrap WHERE tenant_id = ANY (p_tenants)
    ORDER BY tenant_id FOR UPDATE;
END
$$;

ALTER FUNCTION tally_keys.hold_creation OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.hold_creation FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.hold_creation TO tally_key_keeper;
