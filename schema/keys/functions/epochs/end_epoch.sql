-- Notes that an epoch's KEK is gone.
CREATE OR REPLACE FUNCTION tally_keys.end_epoch(
    p_ledger uuid, p_epoch bigint, p_destroyed_at bigint, p_assurance text
) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE tally_keys.key_epoch
    SET state = 'destroyed', destroyed_at = p_destroyed_at, assurance = p_assurance
    WHERE ledger_id = p_ledger AND epoch = p_epoch AND state = 'deactivated'
$$;

ALTER FUNCTION tally_keys.end_epoch OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.end_epoch FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.end_epoch TO tally_key_keeper;
