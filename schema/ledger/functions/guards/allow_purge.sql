-- The one change: the purge function empties parts under fenced keys.
CREATE OR REPLACE FUNCTION tally.allow_purge() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    IF current_user = 'tally_purger'
        AND (NEW.slot, NEW.position, NEW.stream, NEW.version, NEW.event_id, NEW.leaf)
            IS NOT DISTINCT FROM (OLD.slot, OLD.position, OLD.stream, OLD.version, OLD.event_id,
                OLD.leaf)
        AND tally.is_purge(OLD.slot, OLD.body, NEW.body)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% of tally.% refused: it holds what was recorded', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'TL007';
END
$$;

ALTER FUNCTION tally.allow_purge OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.allow_purge FROM PUBLIC;
