-- Records that an operator lets a projection leave out an event, or takes that back. The reason is
-- a reference, such as a ticket's number, because what stands here in the clear must not be about a
-- person.
CREATE OR REPLACE FUNCTION tally.record_skip(
    p_slot int, p_projection text, p_position bigint, p_operator uuid, p_reason text,
    p_action text DEFAULT 'skip'
) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_head tally.head;
    v_target uuid;
BEGIN
    IF NOT coalesce(p_projection ~ '^[a-z0-9_-]{1,63}$' AND p_operator IS NOT NULL
        AND p_action IN ('skip', 'unskip')
        AND p_reason ~ '^[A-Za-z0-9._:/#-]{1,64}$', false)
    THEN
        RAISE EXCEPTION 'a reason of other than 1 to 64 letters, digits and . _ : / # -'
            USING ERRCODE = 'TL001';
    END IF;
    SELECT * INTO v_head FROM tally.lock_head(p_slot);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such tenant' USING ERRCODE = 'TL004';
    END IF;
    IF NOT coalesce(p_position BETWEEN 0 AND v_head.size - 1, false) THEN
        RAISE EXCEPTION 'the log has no such event' USING ERRCODE = 'TL004';
    END IF;
    SELECT event_id INTO v_target FROM tally.event
    WHERE slot = p_slot AND position = p_position;
    RETURN tally.append_clear(p_slot, 15, format(
        '{"action":"%s","operator":"%s","projection":"%s","reason":"%s","target":"%s"}',
        p_action, tally.hex(p_operator), p_projection, p_reason,
        coalesce(tally.hex(v_target), repeat('0', 32))));
END
$$;

ALTER FUNCTION tally.record_skip OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.record_skip FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.record_skip TO tally_operator;
