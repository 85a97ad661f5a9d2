-- The position of the event with an id.
CREATE OR REPLACE FUNCTION tally.find_event(p_slot int, p_event_id uuid) RETURNS bigint
    LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN (SELECT e.position FROM tally.event e
        WHERE e.slot = p_slot AND e.event_id = p_event_id);
END
$$;

ALTER FUNCTION tally.find_event OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.find_event FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.find_event TO tally_reader;
