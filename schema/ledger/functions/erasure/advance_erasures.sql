-- Takes erasures on whose time has come: epochRetired once every epoch that could open a copy of
-- the keys is destroyed, final once the last backup has expired. p_alive is the oldest epoch that
-- is not destroyed. Gives how many were taken on.
CREATE OR REPLACE FUNCTION tally.advance_erasures(p_alive bigint) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_erasure tally.erasure;
    v_count bigint := 0;
BEGIN
    FOR v_erasure IN
        SELECT * FROM tally.erasure
        WHERE state = 'purged' AND destroyed_epoch < p_alive
            AND NOT EXISTS (
                SELECT FROM generate_series(1, destroyed_epoch) e
                WHERE NOT EXISTS (SELECT FROM tally.epoch_receipt r WHERE r.epoch = e))
        ORDER BY slot, requested_at
    LOOP
        IF tally.erasure_step(
            v_erasure.slot, v_erasure.erasure_id, ARRAY['purged'], 'epochRetired',
            format('"epoch":%s,', v_erasure.destroyed_epoch)) IS NOT NULL
        THEN
            UPDATE tally.erasure SET retired_at = tally.now_micros()
            WHERE slot = v_erasure.slot AND erasure_id = v_erasure.erasure_id;
            v_count := v_count + 1;
        END IF;
    END LOOP;
    FOR v_erasure IN
        SELECT * FROM tally.erasure
        WHERE state = 'epochRetired' AND backups_until <= tally.now_micros()
        ORDER BY slot, requested_at
    LOOP
        IF tally.erasure_step(
            v_erasure.slot, v_erasure.erasure_id, ARRAY['epochRetired'], 'final') IS NOT NULL
        THEN
            UPDATE tally.erasure SET final_at = tally.now_micros()
            WHERE slot = v_erasure.slot AND erasure_id = v_erasure.erasure_id;
            UPDATE tally.request SET state = 'applied'
            WHERE slot = v_erasure.slot AND request_id = v_erasure.erasure_id;
            v_count := v_count + 1;
        END IF;
    END LOOP;
    RETURN v_count;
END
$$;

ALTER FUNCTION tally.advance_erasures OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.advance_erasures FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.advance_erasures TO tally_executor;
