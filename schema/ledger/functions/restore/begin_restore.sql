-- Begins an approved restore, once; the connection that applies it may write although the tenant is
-- frozen. Gives the position of the event that says so.
CREATE OR REPLACE FUNCTION tally.begin_restore(p_slot int, p_restore uuid) RETURNS bigint
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
    SELECT * INTO v_restore FROM tally.restore
    WHERE slot = p_slot AND restore_id = p_restore;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such restore' USING ERRCODE = 'TL004';
    END IF;
    IF v_restore.state = 'applying' THEN
        RETURN v_restore.began_position;
    END IF;
    IF v_restore.state NOT IN ('requested', 'approved') THEN
        RAISE EXCEPTION 'the restore is %, and cannot be applied any more', v_restore.state
            USING ERRCODE = 'TL010';
    END IF;
    IF NOT tally.is_approved(p_slot, p_restore) THEN
        RAISE EXCEPTION 'nobody has approved the restore, or the approval has expired'
            USING ERRCODE = 'TL011';
    END IF;
    SELECT * INTO STRICT v_head FROM tally.lock_head(p_slot);
    IF v_head.state = 2 THEN
        RAISE EXCEPTION 'the tenant is erased' USING ERRCODE = 'TL006';
    END IF;
    IF EXISTS (SELECT FROM tally.restore
        WHERE slot = p_slot AND state IN ('applying', 'aborting'))
    THEN
        RAISE EXCEPTION 'another restore of this tenant is being applied' USING ERRCODE = 'TL010';
    END IF;
    IF v_restore.clone IS NOT NULL THEN
        PERFORM tally.open_clone(
            p_slot, p_restore, convert_from(v_request.plan, 'UTF8')::jsonb -> 'clone');
    END IF;
    v_position := tally.append_clear(p_slot, 3, format(
        '{"approvals":[%s],"cut":%s,"leaf_hash":"%s","plan":"%s","restore":"%s"}', (
            SELECT string_agg(tally.quoted(signed), ',' ORDER BY approved_at, operator_id)
            FROM tally.approval WHERE slot = p_slot AND request_id = p_restore),
        v_restore.cut, (
            SELECT encode(tally.leaf_hash(e.leaf), 'hex') FROM tally.event e
            WHERE e.slot = p_slot AND e.position = v_restore.cut - 1),
        encode(sha256(v_request.plan), 'hex'), tally.hex(p_restore)));
    UPDATE tally.restore SET state = 'applying', began_position = v_position,
        began_at = tally.now_micros()
    WHERE slot = p_slot AND restore_id = p_restore;
    UPDATE tally.request SET state = 'applied' WHERE slot = p_slot AND request_id = p_restore;
    RETURN v_position;
END
$$;

ALTER FUNCTION tally.begin_restore OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.begin_restore FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.begin_restore TO tally_executor;
