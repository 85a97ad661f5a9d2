-- The kind of the events that a connection appends whose purpose is a restore: 10 where that fills
-- a clone.
CREATE OR REPLACE FUNCTION tally.event_kind() RETURNS int
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN EXISTS (SELECT FROM tally.restore r
        WHERE r.restore_id = tally.purposed_restore(current_setting('tally.purpose', true))
            AND r.clone IS NOT NULL)
    THEN 10 ELSE 1 END
$$;

ALTER FUNCTION tally.event_kind OWNER TO tally_appender;
REVOKE ALL ON FUNCTION tally.event_kind FROM PUBLIC;
