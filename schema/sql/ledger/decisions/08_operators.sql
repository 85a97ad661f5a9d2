-- Who may decide, and what was decided: operators with their public keys, requests with the plan
-- that they are about, and the signatures under it. Each change is an event too, so the tables can
-- be checked against the log; signatures are checked by the caller and by every verifier.
SET LOCAL ROLE tally_owner;

-- Operators are in slot 0's log; this is their register as of any time.
CREATE TABLE tally.operator (
    operator_id uuid PRIMARY KEY,
    public_key bytea NOT NULL UNIQUE CHECK (octet_length(public_key) = 32),
    added_at bigint NOT NULL CHECK (added_at >= 0),
    ended_at bigint CHECK (ended_at >= 0)
);

-- Actions: 1 restore, 2 undo, 3 subject erasure, 4 tenant erasure, 5 hold, 6 release, 7 readmit,
-- 8 skip, 9 operator change. plan is canonical JSON and says everything that will be done.
CREATE TABLE tally.request (
    request_id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    action smallint NOT NULL CHECK (action BETWEEN 1 AND 9),
    plan bytea NOT NULL CHECK (octet_length(plan) > 0),
    head_leaf_hash bytea NOT NULL CHECK (octet_length(head_leaf_hash) = 32),
    requester uuid NOT NULL,
    requested_at bigint NOT NULL CHECK (requested_at >= 0),
    state text NOT NULL CHECK (state IN ('waiting', 'approved', 'applied', 'refused'))
);

-- Signatures as they were given: the signed bytes and 64 bytes of Ed25519 behind them. The
-- requester's own is among them.
CREATE TABLE tally.approval (
    request_id uuid NOT NULL,
    operator_id uuid NOT NULL,
    approved_at bigint NOT NULL CHECK (approved_at >= 0),
    expires_at bigint NOT NULL CHECK (expires_at >= 0),
    signed bytea NOT NULL CHECK (octet_length(signed) = 247),
    PRIMARY KEY (request_id, operator_id)
);
RESET ROLE;

-- An id as the format writes it.
CREATE FUNCTION tally.hex(p_id uuid) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN encode(uuid_send(p_id), 'hex');

-- Whether one person decides alone: chosen when the ledger was created, and shown in every
-- certificate.
CREATE FUNCTION tally.has_single_operator() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT single_operator FROM tally.ledger
$$;

-- A request, locked after its tenant's head, which is what every change of it appends to.
CREATE FUNCTION tally.lock_request(p_request uuid) RETURNS tally.request
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_request tally.request;
BEGIN
    SELECT * INTO v_request FROM tally.request WHERE request_id = p_request;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such request' USING ERRCODE = 'TL004';
    END IF;
    PERFORM tally.lock_head(v_request.tenant_id);
    SELECT * INTO STRICT v_request FROM tally.request WHERE request_id = p_request FOR UPDATE;
    RETURN v_request;
END
$$;

-- Takes a signature under a request: what it names must be the request, and the signer an operator at
-- that time. Gives who signed.
CREATE FUNCTION tally.take_approval(p_request tally.request, p_signed bytea) RETURNS uuid
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_operator uuid;
    v_at bigint;
    v_until bigint;
BEGIN
    IF octet_length(p_signed) <> 247 OR substr(p_signed, 1, 151) IS DISTINCT FROM (
        SELECT 'tallystick approval v1'::bytea || substr(int4send(p_request.action), 4)
            || uuid_send(l.ledger_id) || uuid_send(p_request.tenant_id)
            || uuid_send(p_request.request_id) || sha256(p_request.plan)
            || p_request.head_leaf_hash || uuid_send(p_request.requester)
        FROM tally.ledger l)
    THEN
        RAISE EXCEPTION 'the signature is not for this request' USING ERRCODE = 'TL010';
    END IF;
    v_operator := encode(substr(p_signed, 152, 16), 'hex')::uuid;
    v_at := tally.uint64(substr(p_signed, 168, 8));
    v_until := tally.uint64(substr(p_signed, 176, 8));
    IF NOT EXISTS (
        SELECT FROM tally.operator o
        WHERE o.operator_id = v_operator AND o.added_at <= v_at
            AND coalesce(o.ended_at > greatest(v_at, tally.now_micros()), true))
    THEN
        RAISE EXCEPTION 'the signer is not an operator of this ledger' USING ERRCODE = 'TL010';
    END IF;
    IF v_at > tally.now_micros() + 2000000 OR v_until <= tally.now_micros() THEN
        RAISE EXCEPTION 'the signature has expired, or is of the future' USING ERRCODE = 'TL010';
    END IF;
    INSERT INTO tally.approval AS a
    VALUES (p_request.request_id, v_operator, v_at, v_until, p_signed)
    ON CONFLICT (request_id, operator_id) DO UPDATE
    SET approved_at = v_at, expires_at = v_until, signed = p_signed
    WHERE a.expires_at <= tally.now_micros();
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this operator has signed the request already' USING ERRCODE = 'TL010';
    END IF;
    RETURN v_operator;
END
$$;

-- Whether enough people stand behind a request at this moment: somebody besides the requester, or
-- anybody where one person decides alone.
CREATE FUNCTION tally.is_approved(p_request uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT tally.has_single_operator() OR EXISTS (
        SELECT FROM tally.request r
        JOIN tally.approval a USING (request_id)
        JOIN tally.operator o USING (operator_id)
        WHERE r.request_id = p_request AND a.operator_id <> r.requester
            AND a.expires_at > tally.now_micros() AND o.ended_at IS NULL)
$$;

-- The first operators need nobody's approval: there is nobody yet who could give it.
CREATE FUNCTION tally.is_founding() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT count(*) < 2 FROM tally.operator
$$;

-- Adds an operator whom no approval is needed for: the first two, or any where one person decides
-- alone. The id is the first half of the key's SHA-256.
CREATE FUNCTION tally.add_founder(p_public_key bytea) RETURNS uuid
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_tenant uuid;
    v_head tally.head;
BEGIN
    SELECT tenant_id INTO STRICT v_tenant FROM tally.tenant WHERE slot = 0;
    SELECT * INTO STRICT v_head FROM tally.lock_head(v_tenant);
    IF NOT (tally.is_founding() OR tally.has_single_operator()) THEN
        RAISE EXCEPTION 'a change of operators needs the approval of another one'
            USING ERRCODE = 'TL011';
    END IF;
    RETURN tally.add_operator(v_head, NULL, p_public_key);
END
$$;

-- Writes that somebody is an operator: because of a request, or as one of the first. The caller holds
-- slot 0's head.
CREATE FUNCTION tally.add_operator(
    p_head tally.head, p_request tally.request, p_public_key bytea
) RETURNS uuid
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_id uuid := encode(substr(sha256(p_public_key), 1, 16), 'hex')::uuid;
BEGIN
    IF coalesce(octet_length(p_public_key), 0) <> 32 THEN
        RAISE EXCEPTION 'a public key of other than 32 bytes' USING ERRCODE = 'TL001';
    END IF;
    IF EXISTS (SELECT FROM tally.operator WHERE operator_id = v_id) THEN
        RAISE EXCEPTION 'this key is or was an operator''s' USING ERRCODE = 'TL005';
    END IF;
    PERFORM tally.append_clear(p_head, 15, format(
        '{"action":"addOperator","operator":"%s","public_key":"%s","request":"%s","target":"%s"}',
        coalesce(tally.hex(p_request.requester), repeat('0', 32)), encode(p_public_key, 'hex'),
        coalesce(tally.hex(p_request.request_id), repeat('0', 32)), tally.hex(v_id)));
    INSERT INTO tally.operator
    SELECT v_id, p_public_key, recorded_at, NULL FROM tally.head
    WHERE tenant_id = p_head.tenant_id;
    RETURN v_id;
END
$$;

-- Writes that somebody is no operator any more; the caller holds slot 0's head. Two must remain, so
-- that decisions stay possible.
CREATE FUNCTION tally.end_operator(
    p_head tally.head, p_request tally.request, p_operator uuid
) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM tally.operator WHERE operator_id = p_operator AND ended_at IS NULL)
    THEN
        RAISE EXCEPTION 'no such operator, or ended already' USING ERRCODE = 'TL004';
    END IF;
    IF NOT tally.has_single_operator()
        AND (SELECT count(*) FROM tally.operator WHERE ended_at IS NULL) < 3
    THEN
        RAISE EXCEPTION 'two operators must remain, or nothing could be approved any more'
            USING ERRCODE = 'TL010';
    END IF;
    PERFORM tally.append_clear(p_head, 15, format(
        '{"action":"endOperator","operator":"%s","request":"%s","target":"%s"}',
        tally.hex(p_request.requester), tally.hex(p_request.request_id), tally.hex(p_operator)));
    UPDATE tally.operator o SET ended_at = h.recorded_at FROM tally.head h
    WHERE o.operator_id = p_operator AND h.tenant_id = p_head.tenant_id;
END
$$;

-- Records a request, which is an event: the plan's hash, who asks, and the requester's signature.
-- p_position is an event of the tenant that the requester has seen; the signature is NULL only where
-- one person decides alone.
CREATE FUNCTION tally.open_request(
    p_request uuid, p_tenant uuid, p_action int, p_plan bytea, p_position bigint,
    p_requester uuid, p_signed bytea
) RETURNS text
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_plan jsonb;
    v_head tally.head;
    v_request tally.request;
BEGIN
    v_plan := convert_from(p_plan, 'UTF8')::jsonb;
    SELECT * INTO v_head FROM tally.lock_head(p_tenant);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such tenant' USING ERRCODE = 'TL004';
    END IF;
    IF v_head.state = 2 THEN
        RAISE EXCEPTION 'the tenant is erased' USING ERRCODE = 'TL006';
    END IF;
    IF NOT coalesce(v_plan->>'request' = tally.hex(p_request)
        AND (v_plan->>'action')::int = p_action AND p_action IN (1, 2, 3, 4, 5, 6, 7, 9)
        AND p_requester IS NOT NULL
        AND (p_action = 9) = EXISTS (
            SELECT FROM tally.tenant t WHERE t.tenant_id = p_tenant AND t.slot = 0), false)
    THEN
        RAISE EXCEPTION 'a plan of another request, action or tenant' USING ERRCODE = 'TL001';
    END IF;
    IF EXISTS (SELECT FROM tally.request WHERE request_id = p_request) THEN
        RAISE EXCEPTION 'there is a request of that id' USING ERRCODE = 'TL005';
    END IF;
    INSERT INTO tally.request
    SELECT p_request, p_tenant, p_action, p_plan, tally.leaf_hash(e.leaf), p_requester,
        tally.now_micros(), 'waiting'
    FROM tally.event e WHERE e.tenant_id = p_tenant AND e.position = p_position
    RETURNING * INTO v_request;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the log has no such event' USING ERRCODE = 'TL004';
    END IF;
    IF NOT (p_signed IS NULL AND tally.has_single_operator())
        AND tally.take_approval(v_request, p_signed) <> p_requester
    THEN
        RAISE EXCEPTION 'a request is signed by its requester' USING ERRCODE = 'TL010';
    END IF;
    IF p_action IN (3, 4) THEN
        PERFORM tally.open_erasure(v_head, v_request, v_plan, p_signed);
    ELSE
        PERFORM tally.append_clear(v_head, 15, format(
            '{"action":"request","approvals":[%s],"operator":"%s","plan":"%s","target":"%s"}',
            tally.quoted(p_signed), tally.hex(p_requester), encode(sha256(p_plan), 'hex'),
            tally.hex(p_request)));
    END IF;
    IF p_action IN (1, 2) THEN
        PERFORM tally.open_restore(v_request, v_plan);
    END IF;
    RETURN tally.settle_request(p_request, NULL);
EXCEPTION WHEN data_exception THEN
    RAISE EXCEPTION 'a plan that is not in the form of its action' USING ERRCODE = 'TL001';
END
$$;

-- Bytes as a JSON string of hexadecimal digits; nothing for NULL.
CREATE FUNCTION tally.quoted(p_bytes bytea) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce('"' || encode(p_bytes, 'hex') || '"', '');

-- Takes another operator's signature.
CREATE FUNCTION tally.approve_request(p_request uuid, p_signed bytea) RETURNS text
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_request tally.request;
    v_head tally.head;
    v_operator uuid;
BEGIN
    v_request := tally.lock_request(p_request);
    SELECT * INTO STRICT v_head FROM tally.lock_head(v_request.tenant_id);
    IF v_request.state NOT IN ('waiting', 'approved')
        OR v_request.state = 'approved' AND tally.is_approved(p_request)
        OR EXISTS (SELECT FROM tally.erasure
            WHERE erasure_id = p_request AND state NOT IN ('requested', 'approved', 'onHold'))
    THEN
        RAISE EXCEPTION 'the request is % and needs no signature', v_request.state
            USING ERRCODE = 'TL010';
    END IF;
    IF substr(p_signed, 152, 16) = uuid_send(v_request.requester) THEN
        RAISE EXCEPTION 'whoever asks cannot approve it: another operator must'
            USING ERRCODE = 'TL010';
    END IF;
    v_operator := tally.take_approval(v_request, p_signed);
    -- The first one under an erasure stands in the event that makes it approved.
    IF v_request.action NOT IN (3, 4) OR v_request.state <> 'waiting' THEN
        PERFORM tally.append_clear(v_head, 15, format(
            '{"action":"approve","approvals":[%s],"operator":"%s","target":"%s"}',
            tally.quoted(p_signed), tally.hex(v_operator), tally.hex(p_request)));
    END IF;
    RETURN tally.settle_request(p_request, p_signed);
END
$$;

-- Takes a request that is approved one step on: restores and erasures wait for their run, everything
-- else is done at once. p_signed is the signature that was given now. The caller holds the tenant's head. Gives the
-- state.
CREATE FUNCTION tally.settle_request(p_request uuid, p_signed bytea) RETURNS text
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_request tally.request;
    v_plan jsonb;
    v_head tally.head;
BEGIN
    v_request := tally.lock_request(p_request);
    SELECT * INTO STRICT v_head FROM tally.lock_head(v_request.tenant_id);
    IF NOT tally.is_approved(p_request) THEN
        RETURN v_request.state;
    END IF;
    v_plan := convert_from(v_request.plan, 'UTF8')::jsonb;
    UPDATE tally.request
    SET state = CASE WHEN v_request.action IN (1, 2, 3, 4) THEN 'approved' ELSE 'applied' END
    WHERE request_id = p_request RETURNING * INTO v_request;
    IF v_request.action IN (1, 2) THEN
        UPDATE tally.restore SET state = 'approved'
        WHERE restore_id = p_request AND state = 'requested';
    ELSIF v_request.action IN (3, 4) THEN
        -- One whose first approval ran out before it was run is approved again, or on hold.
        IF EXISTS (SELECT FROM tally.erasure
            WHERE erasure_id = p_request AND state = 'requested')
        THEN
            PERFORM tally.erasure_step(p_request, ARRAY['requested'], 'approved',
                format('"approvals":[%s],', tally.quoted(p_signed)));
        END IF;
    ELSIF v_request.action = 5 THEN
        PERFORM tally.place_hold(v_head, p_request, v_plan);
    ELSIF v_request.action = 6 THEN
        PERFORM tally.release_hold(v_head, p_request, (v_plan->>'hold')::uuid);
    ELSIF v_request.action = 7 THEN
        PERFORM tally.readmit(v_head, p_request, (v_plan->>'erasure')::uuid);
    ELSIF v_plan ? 'public_key' THEN
        PERFORM tally.add_operator(
            v_head, v_request, decode(v_plan->>'public_key', 'hex'));
    ELSE
        PERFORM tally.end_operator(
            v_head, v_request, (v_plan->>'operator')::uuid);
    END IF;
    RETURN v_request.state;
END
$$;

-- Ends a request without doing what it asks; the ground is a reference.
CREATE FUNCTION tally.refuse_request(p_request uuid, p_ground text) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_request tally.request;
    v_head tally.head;
BEGIN
    IF NOT coalesce(p_ground ~ '^[A-Za-z0-9._:/#-]{1,64}$', false) THEN
        RAISE EXCEPTION 'a ground of other than 1 to 64 letters, digits and . _ : / # -'
            USING ERRCODE = 'TL001';
    END IF;
    v_request := tally.lock_request(p_request);
    SELECT * INTO STRICT v_head FROM tally.lock_head(v_request.tenant_id);
    IF v_request.action IN (3, 4) THEN
        PERFORM tally.erasure_step(
            p_request, ARRAY['requested', 'approved', 'onHold'], 'refused',
            p_after => format(',"ground":"%s"', p_ground));
    ELSE
        PERFORM tally.append_clear(v_head, 15, format(
            '{"action":"refuse","reason":"%s","target":"%s"}', p_ground, tally.hex(p_request)));
    END IF;
    UPDATE tally.restore SET state = 'refused' WHERE restore_id = p_request;
    UPDATE tally.request SET state = 'refused'
    WHERE request_id = p_request AND state IN ('waiting', 'approved');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the request is % already', v_request.state USING ERRCODE = 'TL010';
    END IF;
END
$$;
