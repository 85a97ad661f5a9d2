-- Removes a subject's tag from some events of the trail; gives how many had it.
CREATE OR REPLACE FUNCTION tally.remove_tags(p_slot int, p_tag bytea, p_positions bigint[])
    RETURNS bigint
    LANGUAGE sql VOLATILE
AS $$
    WITH removed AS (
        DELETE FROM tally.event_tag
        WHERE slot = p_slot AND tag = p_tag AND position = ANY (p_positions)
        RETURNING 1
    )
    SELECT count(*) FROM removed
$$;

ALTER FUNCTION tally.remove_tags OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.remove_tags FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.remove_tags TO tally_projector;
