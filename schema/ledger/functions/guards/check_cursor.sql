-- Projectors write how far they have come themselves. A cursor stays within the log, and belongs to
-- a version that there is.
CREATE OR REPLACE FUNCTION tally.check_cursor() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM tally.head h
            WHERE h.slot = NEW.slot AND NEW.position <= h.size)
        AND EXISTS (SELECT FROM tally.projection p
            WHERE p.name = NEW.projection AND NEW.version <= p.latest)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a cursor beyond the log, or of no projection' USING ERRCODE = 'TL001';
END
$$;

ALTER FUNCTION tally.check_cursor OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.check_cursor FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.check_cursor TO tally_owner;
