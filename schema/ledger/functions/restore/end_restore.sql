-- Ends a restore, once: as applied, as mismatched where what came of it is not what was planned, or
-- as aborted. The roots are those of the applied streams' documents, as planned and as found. Gives
-- the position of the event that says so.
CREATE OR REPLACE FUNCTION tally.end_restore(
    p_slot int, p_restore uuid, p_state text, p_applied bigint, p_conflicts uuid[], p_roots bytea
) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_request tally.request;
    v_head tally.head;
    v_restore tally.restore;
    v_position bigint;
BEGIN
    PERFORM tally.lock_request(p_slot, p_restore);
    SELECT * INTO STRICT v_request FROM tally.request
    WHERE slot = p_slot AND request_id = p_restore;
    SELECT * INTO STRICT v_restore FROM tally.restore
    WHERE slot = p_slot AND restore_id = p_restore;
    IF v_restore.state = p_state THEN
        RETURN v_restore.ended_position;
    END IF;
    IF v_restore.state <> (CASE p_state WHEN 'aborted' THEN 'aborting' ELSE 'applying' END) THEN
        RAISE EXCEPTION 'the restore is %, and cannot become %', v_restore.state, p_state
            USING ERRCODE = 'TL010';
    END IF;
    IF NOT coalesce(p_state IN ('applied', 'mismatched', 'aborted') AND p_applied >= 0
        AND p_applied <= (SELECT size FROM tally.head WHERE slot = p_slot)
        AND p_conflicts IS NOT NULL AND array_position(p_conflicts, NULL) IS NULL
        AND octet_length(p_roots) = CASE WHEN p_state = 'aborted' THEN 0 ELSE 64 END, false)
    THEN
        RAISE EXCEPTION 'a restore ends applied, mismatched or aborted, with its counts and roots'
            USING ERRCODE = 'TL001';
    END IF;
    SELECT * INTO STRICT v_head FROM tally.lock_head(p_slot);
    v_position := tally.append_clear(p_slot, 4, format(
        '{"applied":%s,"conflicts":%s,"restore":"%s","roots":"%s","state":"%s"}',
        p_applied, cardinality(p_conflicts), tally.hex(p_restore),
        replace(encode(p_roots, 'base64'), E'\n', ''), p_state));
    INSERT INTO tally.restore_conflict (slot, restore_id, stream)
    SELECT p_slot, p_restore, c FROM unnest(p_conflicts) c ON CONFLICT DO NOTHING;
    UPDATE tally.restore SET state = p_state, applied = p_applied, ended_position = v_position,
        ended_at = tally.now_micros()
    WHERE slot = p_slot AND restore_id = p_restore;
    IF v_restore.clone IS NOT NULL AND p_state = 'applied' THEN
        PERFORM tally.release_clone(p_slot, p_restore, v_head.state);
    END IF;
    RETURN v_position;
END
$$;

ALTER FUNCTION tally.end_restore OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.end_restore FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.end_restore TO tally_executor;
