-- Ends a request without doing what it asks; the ground is a reference. That of an owner needs the
-- signature of one; any other may have one.
CREATE OR REPLACE FUNCTION tally.refuse_request(
    p_slot int, p_request uuid, p_ground text, p_signed bytea
) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_request tally.request;
    v_signer uuid;
BEGIN
    IF NOT coalesce(p_ground ~ '^[A-Za-z0-9._:/#-]{1,64}$', false) THEN
        RAISE EXCEPTION 'a ground of other than 1 to 64 letters, digits and . _ : / # -'
            USING ERRCODE = 'TL001';
    END IF;
    PERFORM tally.lock_request(p_slot, p_request);
    SELECT * INTO STRICT v_request FROM tally.request
    WHERE slot = p_slot AND request_id = p_request;
    IF p_signed IS NOT NULL OR v_request.authority = 'owner' THEN
        v_signer := tally.take_refusal(p_slot, p_request, p_signed);
    END IF;
    IF v_request.action IN (3, 4) THEN
        PERFORM tally.erasure_step(
            p_slot, p_request, ARRAY['requested', 'approved', 'onHold'], 'refused',
            CASE WHEN p_signed IS NULL THEN ''
                ELSE format('"approvals":[%s],', tally.quoted(p_signed)) END,
            p_after => format(',"ground":"%s"', p_ground));
    ELSE
        PERFORM tally.append_clear(p_slot, 15, format(
            '{"action":"refuse"%s,"reason":"%s","target":"%s"}',
            CASE WHEN p_signed IS NULL THEN '' ELSE format(',"approvals":[%s],"operator":"%s"',
                tally.quoted(p_signed), tally.hex(v_signer)) END,
            p_ground, tally.hex(p_request)));
    END IF;
    UPDATE tally.restore SET state = 'refused' WHERE slot = p_slot AND restore_id = p_request;
    UPDATE tally.request SET state = 'refused'
    WHERE slot = p_slot AND request_id = p_request AND state IN ('waiting', 'approved');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the request is % already', v_request.state USING ERRCODE = 'TL010';
    END IF;
END
$$;

ALTER FUNCTION tally.refuse_request OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.refuse_request FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.refuse_request TO tally_operator;
