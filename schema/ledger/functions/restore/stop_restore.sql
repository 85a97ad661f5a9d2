-- Keeps a restore from being applied any further: whoever applies it can write nothing from here
-- on, so what it has written can be counted.
CREATE OR REPLACE FUNCTION tally.stop_restore(p_slot int, p_restore uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tally.lock_request(p_slot, p_restore);
    UPDATE tally.restore SET state = 'aborting'
    WHERE slot = p_slot AND restore_id = p_restore AND state IN ('applying', 'aborting');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the restore is not being applied' USING ERRCODE = 'TL010';
    END IF;
END
$$;

ALTER FUNCTION tally.stop_restore OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.stop_restore FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.stop_restore TO tally_executor;
