-- Moves a cursor, if it is where the caller believes it to be: whoever comes second changes
-- nothing.
CREATE OR REPLACE FUNCTION tally.move_cursor(
    p_slot int, p_projection text, p_version int, p_from bigint, p_to bigint
) RETURNS boolean
    LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    UPDATE tally.cursor SET position = p_to, updated_at = tally.now_micros()
    WHERE slot = p_slot AND projection = p_projection AND version = p_version
        AND position = p_from;
    IF FOUND OR p_from <> 0 THEN
        RETURN FOUND;
    END IF;
    INSERT INTO tally.cursor (slot, projection, version, position, updated_at)
    VALUES (p_slot, p_projection, p_version, p_to, tally.now_micros())
    ON CONFLICT DO NOTHING;
    RETURN FOUND;
END
$$;

ALTER FUNCTION tally.move_cursor OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.move_cursor FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.move_cursor TO tally_projector;
