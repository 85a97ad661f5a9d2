-- Carries out what two operators have decided about an owner, once everybody had 72 hours to refuse
-- it.
CREATE OR REPLACE FUNCTION tally.recover_owner(p_slot int, p_request uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_request tally.request;
BEGIN
    PERFORM tally.lock_request(p_slot, p_request);
    SELECT * INTO STRICT v_request FROM tally.request
    WHERE slot = p_slot AND request_id = p_request;
    IF v_request.action <> 11 OR v_request.state <> 'approved' THEN
        RAISE EXCEPTION 'the request is %, and no replacement of an owner that waits',
            v_request.state USING ERRCODE = 'TL010';
    END IF;
    IF NOT tally.is_approved(p_slot, p_request) THEN
        RAISE EXCEPTION 'the approval has expired: another operator must sign again'
            USING ERRCODE = 'TL011';
    END IF;
    -- A minute more: the event that asked may have a later time than the row.
    IF tally.now_micros() < v_request.requested_at + (72 * 3600 + 60) * 1000000::bigint THEN
        RAISE EXCEPTION 'owners may refuse it for 72 hours' USING ERRCODE = 'TL010';
    END IF;
    PERFORM tally.change_owner(
        p_slot, p_request, convert_from(v_request.plan, 'UTF8')::jsonb);
    UPDATE tally.request SET state = 'applied' WHERE slot = p_slot AND request_id = p_request;
END
$$;

ALTER FUNCTION tally.recover_owner OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.recover_owner FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.recover_owner TO tally_operator;
