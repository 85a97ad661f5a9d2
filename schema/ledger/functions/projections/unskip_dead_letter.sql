-- Takes a skip back: the projection begins at its first event again, with this one. The event that
-- says so comes first. Gives whether there was such a skip.
CREATE OR REPLACE FUNCTION tally.unskip_dead_letter(
    p_slot int, p_projection text, p_position bigint
)
    RETURNS boolean
    LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    -- Under the cursors' locks, on which whoever writes a page waits, too.
    PERFORM FROM tally.cursor WHERE slot = p_slot FOR UPDATE;
    DELETE FROM tally.dead_letter
    WHERE slot = p_slot AND projection = p_projection AND position = p_position
        AND skipped_by IS NOT NULL;
    RETURN FOUND;
END
$$;

ALTER FUNCTION tally.unskip_dead_letter OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.unskip_dead_letter FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.unskip_dead_letter TO tally_projector;
