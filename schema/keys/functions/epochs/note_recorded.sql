-- Notes that the ledger says so.
CREATE OR REPLACE FUNCTION tally_keys.note_recorded(p_ledger uuid, p_epoch bigint) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE tally_keys.key_epoch SET is_recorded = true
    WHERE ledger_id = p_ledger AND epoch = p_epoch
$$;

ALTER FUNCTION tally_keys.note_recorded OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.note_recorded FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.note_recorded TO tally_key_keeper;
