-- Deletes the rows of requests that are older than 30 days, those of one day at most, and gives
-- their number. The log's order is that of time, so what is left of a tenant's rows still covers
-- its events without a gap.
CREATE OR REPLACE FUNCTION tally.prune_requests() RETURNS bigint
    LANGUAGE sql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    WITH bound AS (
        SELECT least(min(recorded_at) + 86400 * 1000000::bigint,
            tally.now_micros() - 30 * 86400 * 1000000::bigint) AS until
        FROM tally.append_request
        WHERE recorded_at < tally.now_micros() - 30 * 86400 * 1000000::bigint
    ), pruned AS (
        DELETE FROM tally.append_request a USING bound b WHERE a.recorded_at < b.until RETURNING 1
    )
    SELECT count(*) FROM pruned
$$;

ALTER FUNCTION tally.prune_requests OWNER TO tally_appender;
REVOKE ALL ON FUNCTION tally.prune_requests FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.prune_requests TO tally_writer;
