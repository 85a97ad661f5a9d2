-- Takes a signature under a request: what it names must be the request, and the signer an operator
-- at that time, or for an owner's request one whose the tenant's data is. Gives who signed.
CREATE OR REPLACE FUNCTION tally.take_approval(p_slot int, p_request uuid, p_signed bytea)
    RETURNS uuid
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_request tally.request;
    v_operator uuid;
    v_at bigint;
    v_until bigint;
BEGIN
    SELECT * INTO STRICT v_request FROM tally.request
    WHERE slot = p_slot AND request_id = p_request;
    IF substr(p_signed, 23, 129) IS DISTINCT FROM (
        SELECT substr(int4send(v_request.action), 4)
            || uuid_send(l.ledger_id) || uuid_send(t.tenant_id)
            || uuid_send(p_request) || sha256(v_request.plan)
            || v_request.head_leaf_hash || uuid_send(v_request.requester)
        FROM tally.ledger l, tally.tenant t WHERE t.slot = p_slot)
    THEN
        RAISE EXCEPTION 'the signature is not for this request' USING ERRCODE = 'TL010';
    END IF;
    v_operator := tally.require_signature(
        p_slot, v_request.authority, v_request.action, p_signed);
    v_at := tally.uint64(substr(p_signed, 168, 8));
    v_until := tally.uint64(substr(p_signed, 176, 8));
    INSERT INTO tally.approval AS a
        (slot, request_id, operator_id, approved_at, expires_at, signed)
    VALUES (p_slot, p_request, v_operator, v_at, v_until, p_signed)
    ON CONFLICT (slot, request_id, operator_id) DO UPDATE
    SET approved_at = v_at, expires_at = v_until, signed = p_signed
    WHERE a.expires_at <= tally.now_micros();
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this operator has signed the request already' USING ERRCODE = 'TL010';
    END IF;
    RETURN v_operator;
END
$$;

ALTER FUNCTION tally.take_approval OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.take_approval FROM PUBLIC;
