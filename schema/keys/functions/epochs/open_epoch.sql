-- Records an epoch once, before its KEK is made; whoever comes second finds it there. No key is
-- destroyed meanwhile: each destruction knows every epoch that was before it.
CREATE OR REPLACE FUNCTION tally_keys.open_epoch(
    p_ledger uuid, p_epoch bigint, p_provider text, p_created_at bigint
) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('tally_keys.epoch'));
    INSERT INTO tally_keys.key_epoch (ledger_id, epoch, provider, state, created_at)
    VALUES (p_ledger, p_epoch, p_provider, 'pre-active', p_created_at)
    ON CONFLICT DO NOTHING;
END
$$;

ALTER FUNCTION tally_keys.open_epoch OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.open_epoch FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.open_epoch TO tally_key_keeper;
