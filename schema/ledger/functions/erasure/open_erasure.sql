-- Enters an erasure in the register with its first event; open_request calls it under the head's
-- lock.
CREATE OR REPLACE FUNCTION tally.open_erasure(
    p_slot int, p_request uuid, p_plan jsonb, p_signed bytea
) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c_tag CONSTANT bytea := decode(p_plan->>'subject_tag', 'hex');
    c_classes CONSTANT text[] := ARRAY(SELECT jsonb_array_elements_text(p_plan->'classes'));
    c_ground CONSTANT text := p_plan->>'ground';
    c_follows CONSTANT uuid := p_plan->>'follows';
    c_not_before CONSTANT bigint := p_plan->>'not_before';
    v_request tally.request;
BEGIN
    SELECT * INTO STRICT v_request FROM tally.request
    WHERE slot = p_slot AND request_id = p_request;
    IF c_follows IS NOT NULL AND NOT EXISTS (
        SELECT FROM tally.erasure o
        JOIN tally.request r ON r.slot = o.slot AND r.request_id = o.erasure_id
        JOIN tally.tenant s ON s.slot = o.slot
        JOIN tally.tenant t ON t.source = s.tenant_id AND t.slot = p_slot
        WHERE o.erasure_id = c_follows AND o.state <> 'refused' AND r.action = v_request.action
            AND o.classes = c_classes AND o.ground = c_ground)
    THEN
        RAISE EXCEPTION
            'an erasure that follows none of its tenant''s source, or one of another kind'
            USING ERRCODE = 'TL001';
    END IF;
    IF NOT coalesce(octet_length(c_tag) = 16
        AND (v_request.action = 4) = (c_tag = decode(repeat('00', 16), 'hex'))
        AND (c_classes = ARRAY['*'] OR v_request.action = 3 AND cardinality(c_classes) > 0
            AND (SELECT bool_and(c ~ '^[a-z0-9_-]{0,63}$') FROM unnest(c_classes) c))
        AND c_ground ~ '^[A-Za-z0-9._:/#-]{1,64}$', false)
    THEN
        RAISE EXCEPTION 'a plan without a subject, retention classes and a ground'
            USING ERRCODE = 'TL001';
    END IF;
    IF (c_not_before IS NOT NULL) <> (v_request.action = 4 AND v_request.authority = 'owner')
        OR c_not_before NOT BETWEEN v_request.requested_at + (72 * 3600 + 60) * 1000000::bigint
            AND v_request.requested_at + 30 * 86400 * 1000000::bigint
    THEN
        RAISE EXCEPTION 'an owner''s erasure of a whole tenant waits for more than 72 hours and '
            'at most 30 days, and no other does' USING ERRCODE = 'TL001';
    END IF;
    INSERT INTO tally.erasure (
        slot, erasure_id, subject_tag, classes, ground, state, requested_at, due_from, follows,
        not_before)
    VALUES (p_slot, p_request, c_tag, c_classes, c_ground, 'requested',
        v_request.requested_at, coalesce(c_not_before, v_request.requested_at), c_follows,
        c_not_before);
    PERFORM tally.append_clear(p_slot, 11, format(
        '{"approvals":[%s],"erasure":"%s","ground":"%s"%s,"plan":"%s","state":"requested"}',
        tally.quoted(p_signed), tally.hex(p_request), c_ground,
        CASE WHEN c_not_before IS NULL THEN '' ELSE format(',"not_before":%s', c_not_before) END,
        encode(sha256(v_request.plan), 'hex')));
END
$$;

ALTER FUNCTION tally.open_erasure OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.open_erasure FROM PUBLIC;
