-- What a projection leaves out is in the log, and so is the operator's event that lets it.
CREATE OR REPLACE FUNCTION tally.check_dead_letter() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_target text;
BEGIN
    IF NOT EXISTS (
        SELECT FROM tally.head h WHERE h.slot = NEW.slot AND NEW.position < h.size)
    THEN
        RAISE EXCEPTION 'an event beyond the log' USING ERRCODE = 'TL001';
    END IF;
    IF NEW.skipped_by IS NOT NULL THEN
        SELECT tally.hex(e.event_id) INTO v_target FROM tally.event e
        WHERE e.slot = NEW.slot AND e.position = NEW.position;
        IF NOT EXISTS (
            SELECT FROM tally.event e
            CROSS JOIN LATERAL (
                SELECT CASE WHEN get_byte(e.leaf, 2) = 15
                    THEN tally.json(convert_from(substr(e.body, 6), 'UTF8')) END AS said) s
            WHERE e.slot = NEW.slot AND e.position = NEW.skipped_by
                AND s.said->>'action' = 'skip' AND s.said->>'projection' = NEW.projection
                AND s.said->>'target' = coalesce(v_target, repeat('0', 32)))
        THEN
            RAISE EXCEPTION 'no operator has let the projection leave out this event'
                USING ERRCODE = 'TL001';
        END IF;
    END IF;
    RETURN NEW;
END
$$;

ALTER FUNCTION tally.check_dead_letter OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.check_dead_letter FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.check_dead_letter TO tally_owner;
