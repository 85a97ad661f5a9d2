-- Records a request, which is an event: the plan's hash, who asks, and the requester's signature.
-- p_position is an event of the tenant that the requester has seen; the signature is NULL only
-- where one person decides alone. p_subject is the subject's name, sealed.
CREATE OR REPLACE FUNCTION tally.open_request(
    p_slot int, p_request uuid, p_action int, p_plan bytea, p_position bigint,
    p_requester uuid, p_signed bytea, p_subject bytea
) RETURNS text
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_plan jsonb;
    v_head tally.head;
BEGIN
    v_plan := convert_from(p_plan, 'UTF8')::jsonb;
    SELECT * INTO v_head FROM tally.lock_head(p_slot);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such tenant' USING ERRCODE = 'TL004';
    END IF;
    IF v_head.state = 2 THEN
        RAISE EXCEPTION 'the tenant is erased' USING ERRCODE = 'TL006';
    END IF;
    IF NOT coalesce(v_plan->>'request' = tally.hex(p_request)
        AND (v_plan->>'action')::int = p_action AND p_action IN (1, 2, 3, 4, 5, 6, 7, 9, 11)
        AND p_requester IS NOT NULL
        AND (p_action = 9) = (p_slot = 0), false)
    THEN
        RAISE EXCEPTION 'a plan of another request, action or tenant' USING ERRCODE = 'TL001';
    END IF;
    IF EXISTS (SELECT FROM tally.request WHERE request_id = p_request) THEN
        RAISE EXCEPTION 'there is a request of that id' USING ERRCODE = 'TL005';
    END IF;
    INSERT INTO tally.request (slot, request_id, action, plan, head_leaf_hash, requester,
        requested_at, state, authority, subject_sealed)
    SELECT p_slot, p_request, p_action, p_plan, tally.leaf_hash(e.leaf), p_requester,
        tally.now_micros(), 'waiting',
        CASE WHEN EXISTS (
            SELECT FROM tally.owner o
            WHERE o.slot = p_slot AND o.owner_id = p_requester AND o.ended_at IS NULL
                AND p_action = ANY (o.actions))
        THEN 'owner' ELSE 'operators' END, p_subject
    FROM tally.event e WHERE e.slot = p_slot AND e.position = p_position;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the log has no such event' USING ERRCODE = 'TL004';
    END IF;
    IF NOT (p_signed IS NULL AND tally.has_single_operator())
        AND tally.take_approval(p_slot, p_request, p_signed) <> p_requester
    THEN
        RAISE EXCEPTION 'a request is signed by its requester' USING ERRCODE = 'TL010';
    END IF;
    IF p_action = 11 THEN
        PERFORM tally.check_owner_plan(p_slot, v_plan);
    ELSIF p_action = 9 AND v_plan ? 'public_key' THEN
        PERFORM tally.check_operator_key(
            decode(v_plan->>'public_key', 'hex'), (v_plan->>'person')::uuid);
    END IF;
    IF p_action IN (3, 4) THEN
        PERFORM tally.open_erasure(p_slot, p_request, v_plan, p_signed);
    ELSE
        PERFORM tally.append_clear(p_slot, 15, format(
            '{"action":"request","approvals":[%s],"operator":"%s","plan":"%s","target":"%s"}',
            tally.quoted(p_signed), tally.hex(p_requester), encode(sha256(p_plan), 'hex'),
            tally.hex(p_request)));
    END IF;
    IF p_action IN (1, 2) THEN
        PERFORM tally.open_restore(p_slot, p_request, v_plan);
    END IF;
    RETURN tally.settle_request(p_slot, p_request, NULL);
EXCEPTION WHEN data_exception THEN
    RAISE EXCEPTION 'a plan that is not in the form of its action' USING ERRCODE = 'TL001';
END
$$;

ALTER FUNCTION tally.open_request OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.open_request FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.open_request TO tally_operator;
