-- Takes the signature of another person.
CREATE OR REPLACE FUNCTION tally.approve_request(p_slot int, p_request uuid, p_signed bytea)
    RETURNS text
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_request tally.request;
    v_operator uuid;
BEGIN
    PERFORM tally.lock_request(p_slot, p_request);
    SELECT * INTO STRICT v_request FROM tally.request
    WHERE slot = p_slot AND request_id = p_request;
    IF v_request.state NOT IN ('waiting', 'approved')
        OR v_request.state = 'approved' AND tally.is_approved(p_slot, p_request)
        OR EXISTS (SELECT FROM tally.erasure
            WHERE slot = p_slot AND erasure_id = p_request
                AND state NOT IN ('requested', 'approved', 'onHold'))
    THEN
        RAISE EXCEPTION 'the request is % and needs no signature', v_request.state
            USING ERRCODE = 'TL010';
    END IF;
    IF substr(p_signed, 152, 16) = uuid_send(v_request.requester) OR EXISTS (
        SELECT FROM tally.operator o
        JOIN tally.operator q ON q.person = o.person AND q.operator_id = v_request.requester
        WHERE v_request.authority = 'operators' AND uuid_send(o.operator_id)
            = substr(p_signed, 152, 16))
    THEN
        RAISE EXCEPTION 'whoever asks cannot approve it, with no key: another operator must'
            USING ERRCODE = 'TL010';
    END IF;
    v_operator := tally.take_approval(p_slot, p_request, p_signed);
    -- The one that makes an erasure approved stands in the event that says so.
    IF v_request.action NOT IN (3, 4) OR v_request.state <> 'waiting'
        OR NOT tally.is_approved(p_slot, p_request)
    THEN
        PERFORM tally.append_clear(p_slot, 15, format(
            '{"action":"approve","approvals":[%s],"operator":"%s","target":"%s"}',
            tally.quoted(p_signed), tally.hex(v_operator), tally.hex(p_request)));
    END IF;
    RETURN tally.settle_request(p_slot, p_request, p_signed);
END
$$;

ALTER FUNCTION tally.approve_request OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.approve_request FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.approve_request TO tally_operator;
