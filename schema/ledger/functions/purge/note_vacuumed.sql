-- Notes that the old rows of everything derived are gone as well, so that an erasure which waits
-- for a clone does it once.
CREATE OR REPLACE FUNCTION tally.note_vacuumed(p_slot int, p_erasure uuid) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE tally.erasure SET vacuumed_at = tally.now_micros()
    WHERE slot = p_slot AND erasure_id = p_erasure AND state = 'keysDestroyed'
        AND purged_at IS NOT NULL
        AND NOT EXISTS (SELECT FROM tally.waiting_projections(p_slot, p_erasure))
$$;

ALTER FUNCTION tally.note_vacuumed OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.note_vacuumed FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.note_vacuumed TO tally_executor;
