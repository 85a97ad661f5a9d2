-- Ends a legal hold; erasures that waited for it can be run.
CREATE OR REPLACE FUNCTION tally.release_hold(p_slot int, p_request uuid, p_hold uuid)
    RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE tally.hold SET released_at = tally.now_micros()
    WHERE slot = p_slot AND hold_id = p_hold AND released_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such hold of this tenant, or released already' USING ERRCODE = 'TL004';
    END IF;
    UPDATE tally.erasure e SET due_from = tally.now_micros()
    WHERE e.slot = p_slot AND e.state = 'onHold'
        AND tally.hold_of(p_slot, e.subject_tag) IS NULL;
    PERFORM tally.append_clear(p_slot, 9, format(
        '{"hold":"%s","request":"%s"}', tally.hex(p_hold), tally.hex(p_request)));
END
$$;

ALTER FUNCTION tally.release_hold OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.release_hold FROM PUBLIC;
