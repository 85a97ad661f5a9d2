-- The kind of the events that a connection appends: 10 where its purpose is a restore that fills a
-- clone, else 1.
CREATE OR REPLACE FUNCTION tally.purposed_kind() RETURNS int
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c_restore CONSTANT uuid := tally.purposed_restore(current_setting('tally.purpose', true));
BEGIN
    RETURN CASE WHEN c_restore IS NOT NULL AND EXISTS (
        SELECT FROM tally.restore r WHERE r.restore_id = c_restore AND r.clone IS NOT NULL)
    THEN 10 ELSE 1 END;
END
$$;

ALTER FUNCTION tally.purposed_kind OWNER TO tally_appender;
REVOKE ALL ON FUNCTION tally.purposed_kind FROM PUBLIC;
