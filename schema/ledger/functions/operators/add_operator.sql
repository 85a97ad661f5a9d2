-- Writes that somebody is an operator: because of a request, or as one of the first. The caller
-- holds slot 0's head.
CREATE OR REPLACE FUNCTION tally.add_operator(
    p_slot int, p_request uuid, p_public_key bytea, p_person uuid
) RETURNS uuid
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_id uuid := encode(substr(sha256(p_public_key), 1, 16), 'hex')::uuid;
    c_requester CONSTANT uuid := (
        SELECT requester FROM tally.request WHERE slot = p_slot AND request_id = p_request);
BEGIN
    PERFORM tally.check_operator_key(p_public_key, p_person);
    PERFORM tally.append_clear(p_slot, 15, format(
        '{"action":"addOperator","operator":"%s"%s,"public_key":"%s","request":"%s","target":"%s"}',
        coalesce(tally.hex(c_requester), repeat('0', 32)),
        CASE WHEN p_person IS NULL THEN '' ELSE format(',"person":"%s"', tally.hex(p_person)) END,
        encode(p_public_key, 'hex'), coalesce(tally.hex(p_request), repeat('0', 32)),
        tally.hex(v_id)));
    INSERT INTO tally.operator (operator_id, public_key, person, added_at)
    SELECT v_id, p_public_key, coalesce(p_person, v_id), recorded_at
    FROM tally.head WHERE slot = p_slot;
    RETURN v_id;
END
$$;

ALTER FUNCTION tally.add_operator OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.add_operator FROM PUBLIC;
