-- Lets a projection leave out the event that stops it. The event that says so comes first.
CREATE OR REPLACE FUNCTION tally.skip_dead_letter(
    p_slot int, p_projection text, p_position bigint, p_event bigint
) RETURNS boolean
    LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    UPDATE tally.dead_letter SET skipped_by = p_event
    WHERE slot = p_slot AND projection = p_projection AND position = p_position
        AND skipped_by IS NULL;
    RETURN FOUND;
END
$$;

ALTER FUNCTION tally.skip_dead_letter OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.skip_dead_letter FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.skip_dead_letter TO tally_projector;
