-- Makes an epoch the active one, in one step with the end of those before it: there never are two.
-- False, and nothing is changed, while a wrap needs an older one. Locks come first, so whoever
-- makes a wrap meanwhile is counted or waits.
CREATE OR REPLACE FUNCTION tally_keys.switch_epoch(p_ledger uuid, p_epoch bigint, p_at bigint)
    RETURNS boolean
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM tally_keys.key_epoch WHERE ledger_id = p_ledger ORDER BY epoch FOR UPDATE;
    IF EXISTS (
        SELECT FROM tally_keys.tenant_wrap WHERE epoch < p_epoch AND wrapped IS NOT NULL)
    THEN
        RETURN false;
    END IF;
    UPDATE tally_keys.key_epoch SET state = 'deactivated', deactivated_at = p_at
    WHERE ledger_id = p_ledger AND epoch < p_epoch AND state IN ('active', 'pre-active');
    UPDATE tally_keys.key_epoch SET state = 'active'
    WHERE ledger_id = p_ledger AND epoch = p_epoch AND state = 'pre-active';
    RETURN true;
END
$$;

ALTER FUNCTION tally_keys.switch_epoch OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.switch_epoch FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.switch_epoch TO tally_key_keeper;
