-- Notes that the event after the cursor could not be applied; not if the cursor has moved, for then
-- it was only that another projector was faster.
CREATE OR REPLACE FUNCTION tally.put_dead_letter(
    p_slot int, p_projection text, p_version int, p_position bigint, p_reason text
) RETURNS boolean
    LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_position bigint;
BEGIN
    SELECT position INTO v_position FROM tally.cursor
    WHERE slot = p_slot AND projection = p_projection AND version = p_version FOR UPDATE;
    IF coalesce(v_position, 0) IS DISTINCT FROM p_position THEN
        RETURN false;
    END IF;
    INSERT INTO tally.dead_letter (slot, projection, position, reason, failed_at)
    VALUES (p_slot, p_projection, p_position, p_reason, tally.now_micros())
    ON CONFLICT (slot, projection, position) DO UPDATE
    SET reason = excluded.reason, failed_at = excluded.failed_at;
    RETURN true;
END
$$;

ALTER FUNCTION tally.put_dead_letter OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.put_dead_letter FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.put_dead_letter TO tally_projector;
