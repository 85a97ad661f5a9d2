-- Records that nothing is left to purge, in the log and in every projection, and until when backups
-- may hold dead copies.
CREATE OR REPLACE FUNCTION tally.finish_purge(
    p_slot int, p_erasure uuid, p_backups_until bigint
) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c_waiting CONSTANT text := (
        SELECT string_agg(w, ', ') FROM tally.waiting_projections(p_slot, p_erasure) w);
BEGIN
    -- Clear JSON has integers below 2^53; nobody keeps backups for ten years.
    IF NOT coalesce(p_backups_until BETWEEN (
            SELECT requested_at FROM tally.erasure WHERE slot = p_slot AND erasure_id = p_erasure)
        AND tally.now_micros() + 3650 * 86400 * 1000000::bigint, false)
    THEN
        RAISE EXCEPTION 'no such erasure, or backups that end before it or after ten years'
            USING ERRCODE = 'TL001';
    END IF;
    IF c_waiting IS NOT NULL AND EXISTS (
        SELECT FROM tally.erasure
        WHERE slot = p_slot AND erasure_id = p_erasure AND state = 'keysDestroyed')
    THEN
        RAISE EXCEPTION 'these projections still hold what was erased: %', c_waiting
            USING ERRCODE = 'TL012';
    END IF;
    IF EXISTS (SELECT FROM tally.waiting_clones(p_slot, p_erasure)) THEN
        RAISE EXCEPTION
            'the erasure has not reached clone %: tally erasure spread asks for it there',
            (SELECT string_agg(tally.hex(c), ', ') FROM tally.waiting_clones(p_slot, p_erasure) c)
            USING ERRCODE = 'TL010';
    END IF;
    IF tally.erasure_step(p_slot, p_erasure, ARRAY['keysDestroyed'], 'purged',
        format('"backups_until":%s,', p_backups_until), (
            SELECT format(',"parts":%s,"places":{"projections":{%s},"requests":%s}',
                e.purged_parts, (
                    SELECT string_agg(
                        format('"%s":%s', x.projection, x.rows), ','
                        ORDER BY x.projection COLLATE "C")
                    FROM tally.projection_erasure x
                    JOIN tally.projection p ON p.name = x.projection AND p.version = x.version
                    WHERE x.slot = p_slot AND x.erasure_id = p_erasure), e.purged_requests)
            FROM tally.erasure e WHERE e.slot = p_slot AND e.erasure_id = p_erasure)) IS NOT NULL
    THEN
        UPDATE tally.erasure SET backups_until = p_backups_until
        WHERE slot = p_slot AND erasure_id = p_erasure;
        DELETE FROM tally.erasure_event WHERE slot = p_slot AND erasure_id = p_erasure;
    END IF;
END
$$;

ALTER FUNCTION tally.finish_purge OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.finish_purge FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.finish_purge TO tally_executor;
