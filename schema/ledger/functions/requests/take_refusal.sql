-- Takes the signature under a refusal: it is about the request and its plan, and for action 12.
-- An owner refuses what that owner could decide, or whatever any could if the owner decides about
-- owners. Gives who signed.
CREATE OR REPLACE FUNCTION tally.take_refusal(p_slot int, p_request uuid, p_signed bytea)
    RETURNS uuid
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_request tally.request;
    v_is_owner boolean;
BEGIN
    SELECT * INTO STRICT v_request FROM tally.request
    WHERE slot = p_slot AND request_id = p_request;
    IF p_signed IS NULL THEN
        RAISE EXCEPTION 'an owner''s request is refused by an owner, who signs that'
            USING ERRCODE = 'TL011';
    END IF;
    IF substr(p_signed, 23, 81) || substr(p_signed, 136, 16) IS DISTINCT FROM (
        SELECT substr(int4send(12), 4) || uuid_send(l.ledger_id) || uuid_send(t.tenant_id)
            || uuid_send(p_request) || sha256(v_request.plan) || substr(p_signed, 152, 16)
        FROM tally.ledger l, tally.tenant t WHERE t.slot = p_slot)
    THEN
        RAISE EXCEPTION 'the signature is not for the refusal of this request'
            USING ERRCODE = 'TL010';
    END IF;
    v_is_owner := v_request.action IN (3, 4, 11) AND EXISTS (
        SELECT FROM tally.owner o
        WHERE o.slot = p_slot AND o.ended_at IS NULL
            AND o.owner_id = encode(substr(p_signed, 152, 16), 'hex')::uuid
            AND o.actions && ARRAY[v_request.action, 11]::smallint[]);
    IF v_request.authority = 'owner' AND NOT v_is_owner THEN
        RAISE EXCEPTION 'an owner''s request is refused by an owner who could decide it'
            USING ERRCODE = 'TL010';
    END IF;
    RETURN tally.require_signature(
        p_slot, CASE WHEN v_is_owner THEN 'owner' ELSE 'operators' END, 12, p_signed);
END
$$;

ALTER FUNCTION tally.take_refusal OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.take_refusal FROM PUBLIC;
