-- Notes that the log holds nothing any more of what an erasure destroyed: now projections follow.
CREATE OR REPLACE FUNCTION tally.note_purged(p_slot int, p_erasure uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE tally.erasure SET purged_at = tally.now_micros()
    WHERE slot = p_slot AND erasure_id = p_erasure AND state = 'keysDestroyed'
        AND purged_at IS NULL;
END
$$;

ALTER FUNCTION tally.note_purged OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.note_purged FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.note_purged TO tally_executor;
