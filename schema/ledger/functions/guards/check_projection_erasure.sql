-- Nobody has followed an erasure before the log is rid of what was erased.
CREATE OR REPLACE FUNCTION tally.check_projection_erasure() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM tally.erasure e
            WHERE e.slot = NEW.slot AND e.erasure_id = NEW.erasure_id
                AND e.state = 'keysDestroyed' AND e.purged_at IS NOT NULL)
        AND EXISTS (SELECT FROM tally.projection p
            WHERE p.name = NEW.projection AND NEW.version <= p.latest)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'no erasure that this projection can have followed' USING ERRCODE = 'TL001';
END
$$;

ALTER FUNCTION tally.check_projection_erasure OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.check_projection_erasure FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.check_projection_erasure TO tally_owner;
