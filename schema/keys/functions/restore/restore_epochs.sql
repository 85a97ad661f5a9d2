-- Records epochs of which journals were read: one is the active one, the others live until a
-- rotation ends them. An epoch that was destroyed and is needed again lives again.
CREATE OR REPLACE FUNCTION tally_keys.restore_epochs(
    p_ledger uuid, p_epochs bigint[], p_provider text, p_active bigint, p_at bigint
) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO tally_keys.key_epoch AS e
        (ledger_id, epoch, provider, state, created_at, deactivated_at)
    SELECT p_ledger, n, p_provider, 'deactivated', p_at, p_at FROM unnest(p_epochs) n
    ON CONFLICT (ledger_id, epoch) DO UPDATE
    SET state = 'deactivated', deactivated_at = p_at, destroyed_at = NULL, assurance = NULL
    WHERE e.state = 'destroyed';
    UPDATE tally_keys.key_epoch SET state = 'deactivated', deactivated_at = p_at
    WHERE ledger_id = p_ledger AND epoch <> p_active AND state = 'active';
    UPDATE tally_keys.key_epoch SET state = 'active', deactivated_at = NULL
    WHERE ledger_id = p_ledger AND epoch = p_active AND state <> 'active';
END
$$;

ALTER FUNCTION tally_keys.restore_epochs OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.restore_epochs FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.restore_epochs TO tally_key_keeper;
