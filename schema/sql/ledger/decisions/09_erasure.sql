-- Erasures: a state machine whose every transition is an event, in the transaction that changes the
-- register. requested, approved, fenced, keysDestroyed, purged, epochRetired, final; beside them
-- onHold and refused. The register names people by blind tags, the events by nothing at all.
SET LOCAL ROLE tally_owner;

-- subject_tag is 16 zero bytes for a whole tenant; classes are '*' for all. Deadlines run from due_from:
-- the request, or the end of the last hold that it waited for. destroyed_epoch is the newest key epoch
-- that there was when the keys were destroyed.
CREATE TABLE tally.erasure (
    erasure_id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    subject_tag bytea NOT NULL CHECK (octet_length(subject_tag) = 16),
    classes text[] NOT NULL,
    ground text NOT NULL,
    state text NOT NULL CHECK (state IN ('requested', 'approved', 'onHold', 'fenced', 'keysDestroyed',
        'purged', 'epochRetired', 'final', 'refused')),
    requested_at bigint NOT NULL CHECK (requested_at >= 0),
    due_from bigint NOT NULL CHECK (due_from >= 0),
    fenced_at bigint CHECK (fenced_at >= 0),
    fence_position bigint CHECK (fence_position >= 0),
    destroyed_at bigint CHECK (destroyed_at >= 0),
    destroyed_epoch bigint CHECK (destroyed_epoch >= 1),
    destroyed_positions bigint[] CHECK (0 <= ALL (destroyed_positions)),
    purged_at bigint CHECK (purged_at >= 0),
    purged_parts bigint NOT NULL DEFAULT 0 CHECK (purged_parts >= 0),
    purged_requests bigint NOT NULL DEFAULT 0 CHECK (purged_requests >= 0),
    retired_at bigint CHECK (retired_at >= 0),
    final_at bigint CHECK (final_at >= 0),
    backups_until bigint CHECK (backups_until >= 0),
    vacuumed_at bigint CHECK (vacuumed_at >= 0),
    follows uuid
);
CREATE UNIQUE INDEX erasure_following ON tally.erasure (follows, tenant_id) WHERE state <> 'refused';
CREATE INDEX erasure_by_tenant ON tally.erasure (tenant_id, subject_tag);

-- The events with parts of a subject, listed before the keys go: afterwards no index could name them.
CREATE TABLE tally.erasure_event (
    erasure_id uuid NOT NULL,
    position bigint NOT NULL CHECK (position >= 0),
    PRIMARY KEY (erasure_id, position)
);

-- The projections that hold nothing any more of what an erasure has purged, and how many of their rows
-- were replaced or removed for it.
CREATE TABLE tally.projection_erasure (
    tenant_id uuid NOT NULL,
    erasure_id uuid NOT NULL,
    projection text NOT NULL,
    version int NOT NULL CHECK (version >= 1),
    rows bigint NOT NULL CHECK (rows >= 0),
    PRIMARY KEY (tenant_id, erasure_id, projection, version)
);

-- Legal holds: destruction of a subject's keys is suspended, for the tag of zeros of all subjects.
CREATE TABLE tally.hold (
    hold_id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    subject_tag bytea NOT NULL CHECK (octet_length(subject_tag) = 16),
    review_at bigint NOT NULL CHECK (review_at >= 0),
    placed_at bigint NOT NULL CHECK (placed_at >= 0),
    released_at bigint CHECK (released_at >= 0)
);
CREATE INDEX hold_by_subject ON tally.hold (tenant_id, subject_tag);

-- Epochs whose end the ledger's own log tells.
CREATE TABLE tally.epoch_receipt (
    epoch bigint PRIMARY KEY CHECK (epoch >= 1),
    position bigint NOT NULL CHECK (position >= 0)
);
RESET ROLE;

-- Enters an erasure in the register with its first event; open_request calls it under the head's lock.
CREATE FUNCTION tally.open_erasure(
    p_head tally.head, p_request tally.request, p_plan jsonb, p_signed bytea
) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c_tag CONSTANT bytea := decode(p_plan->>'subject_tag', 'hex');
    c_classes CONSTANT text[] := ARRAY(SELECT jsonb_array_elements_text(p_plan->'classes'));
    c_ground CONSTANT text := p_plan->>'ground';
    c_follows CONSTANT uuid := p_plan->>'follows';
BEGIN
    IF c_follows IS NOT NULL AND NOT EXISTS (
        SELECT FROM tally.erasure o
        JOIN tally.request r ON r.request_id = o.erasure_id
        JOIN tally.tenant t ON t.source = o.tenant_id AND t.tenant_id = p_head.tenant_id
        WHERE o.erasure_id = c_follows AND o.state <> 'refused' AND r.action = p_request.action
            AND o.classes = c_classes AND o.ground = c_ground)
    THEN
        RAISE EXCEPTION 'an erasure that follows none of its tenant''s source, or one of another kind'
            USING ERRCODE = 'TL001';
    END IF;
    IF NOT coalesce(octet_length(c_tag) = 16
        AND (p_request.action = 4) = (c_tag = decode(repeat('00', 16), 'hex'))
        AND (c_classes = ARRAY['*'] OR p_request.action = 3 AND cardinality(c_classes) > 0
            AND (SELECT bool_and(c ~ '^[a-z0-9_-]{0,63}$') FROM unnest(c_classes) c))
        AND c_ground ~ '^[A-Za-z0-9._:/#-]{1,64}$', false)
    THEN
        RAISE EXCEPTION 'a plan without a subject, retention classes and a ground'
            USING ERRCODE = 'TL001';
    END IF;
    INSERT INTO tally.erasure (
        erasure_id, tenant_id, subject_tag, classes, ground, state, requested_at, due_from, follows)
    VALUES (p_request.request_id, p_head.tenant_id, c_tag, c_classes, c_ground, 'requested',
        p_request.requested_at, p_request.requested_at, c_follows);
    PERFORM tally.append_clear(p_head, 11, format(
        '{"approvals":[%s],"erasure":"%s","ground":"%s","plan":"%s","state":"requested"}',
        tally.quoted(p_signed), tally.hex(p_request.request_id), c_ground,
        encode(sha256(p_request.plan), 'hex')));
END
$$;

-- An erasure, locked after its tenant's head and its request.
CREATE FUNCTION tally.lock_erasure(p_erasure uuid) RETURNS tally.erasure
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_erasure tally.erasure;
BEGIN
    PERFORM tally.lock_request(p_erasure);
    SELECT * INTO v_erasure FROM tally.erasure WHERE erasure_id = p_erasure FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such erasure' USING ERRCODE = 'TL004';
    END IF;
    RETURN v_erasure;
END
$$;

-- Takes an erasure from one of some states to another, with the event that says so; p_before and
-- p_after are what else it says, before and after "erasure" in the order of keys. Gives the event's
-- position, or NULL when the erasure is in that state already.
CREATE FUNCTION tally.erasure_step(
    p_erasure uuid, p_from text[], p_to text, p_before text DEFAULT '', p_after text DEFAULT ''
) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_erasure tally.erasure := tally.lock_erasure(p_erasure);
    v_head tally.head;
BEGIN
    IF v_erasure.state = p_to THEN
        RETURN NULL;
    END IF;
    SELECT * INTO STRICT v_head FROM tally.lock_head(v_erasure.tenant_id);
    IF v_erasure.state <> ALL (p_from) THEN
        RAISE EXCEPTION 'the erasure is %, and cannot become %', v_erasure.state, p_to
            USING ERRCODE = 'TL010';
    END IF;
    UPDATE tally.erasure SET state = p_to WHERE erasure_id = p_erasure;
    RETURN tally.append_clear(v_head, 11, format(
        '{%s"erasure":"%s"%s,"state":"%s"}', p_before, tally.hex(p_erasure), p_after, p_to));
END
$$;

-- The hold that keeps a subject from being erased, or for the tag of zeros the tenant, if there is one.
CREATE FUNCTION tally.hold_of(p_tenant uuid, p_tag bytea) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT hold_id FROM tally.hold h
    WHERE h.tenant_id = p_tenant AND h.released_at IS NULL
        AND (p_tag = decode(repeat('00', 16), 'hex')
            OR h.subject_tag IN (p_tag, decode(repeat('00', 16), 'hex')))
    ORDER BY placed_at LIMIT 1
$$;


-- Looks whether a hold keeps an approved erasure from being run, which is onHold then. Gives the state.
CREATE FUNCTION tally.check_hold(p_erasure uuid) RETURNS text
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_erasure tally.erasure := tally.lock_erasure(p_erasure);
    v_hold uuid := tally.hold_of(v_erasure.tenant_id, v_erasure.subject_tag);
BEGIN
    IF v_erasure.state NOT IN ('approved', 'onHold') THEN
        RETURN v_erasure.state;
    END IF;
    IF v_hold IS NOT NULL THEN
        PERFORM tally.erasure_step(p_erasure, ARRAY['approved'], 'onHold',
            p_after => format(',"hold":"%s"', tally.hex(v_hold)));
        RETURN 'onHold';
    END IF;
    RETURN 'approved';
END
$$;

-- Fences an approved erasure: from this event on nothing is stored that was sealed under these keys.
-- The caller has blocked the subject in the key store before it asked for the ids. A key that an
-- earlier erasure has fenced stays that one's. Gives the state.
CREATE FUNCTION tally.fence_erasure(p_erasure uuid, p_keys bytea[]) RETURNS text
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_erasure tally.erasure;
    v_state CONSTANT text := tally.check_hold(p_erasure);
    v_keys bigint;
    v_position bigint;
    v_head tally.head;
BEGIN
    IF p_keys IS NULL OR EXISTS (
        SELECT FROM unnest(p_keys) k WHERE octet_length(k) IS DISTINCT FROM 32)
    THEN
        RAISE EXCEPTION 'a fence without a list of keys, each of 32 bytes' USING ERRCODE = 'TL001';
    END IF;
    IF v_state <> 'approved' THEN
        RETURN v_state;
    END IF;
    IF NOT tally.is_approved(p_erasure) THEN
        RAISE EXCEPTION 'the approval has expired: another operator must sign again'
            USING ERRCODE = 'TL011';
    END IF;
    v_erasure := tally.lock_erasure(p_erasure);
    INSERT INTO tally.fenced_key
    SELECT v_erasure.tenant_id, k, p_erasure FROM unnest(p_keys) k ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS v_keys = ROW_COUNT;
    v_position := tally.erasure_step(p_erasure, ARRAY['approved', 'onHold'], 'fenced',
        p_after => format(',"keys":%s', v_keys));
    INSERT INTO tally.key_fence (
        tenant_id, subject_tag, retention_class, erasure_id, position, fenced_at)
    SELECT v_erasure.tenant_id, v_erasure.subject_tag, c, p_erasure, v_position, tally.now_micros()
    FROM unnest(v_erasure.classes) c;
    UPDATE tally.erasure SET fenced_at = tally.now_micros(), fence_position = v_position
    WHERE erasure_id = p_erasure;
    IF v_erasure.subject_tag = decode(repeat('00', 16), 'hex') THEN
        SELECT * INTO STRICT v_head FROM tally.lock_head(v_erasure.tenant_id);
        PERFORM tally.append_clear(
            v_head, 13, format('{"erasure":"%s"}', tally.hex(p_erasure)));
        UPDATE tally.head SET state = 2 WHERE tenant_id = v_erasure.tenant_id;
    END IF;
    RETURN 'fenced';
END
$$;

-- Whether an epoch can be: they are counted from 1, and at most 100,000 live at a time.
CREATE FUNCTION tally.is_epoch(p_epoch bigint) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(p_epoch BETWEEN 1 AND 100000
        + (SELECT coalesce(max(epoch), 0) FROM tally.epoch_receipt), false)
$$;

-- Records that the fenced keys are destroyed: their ids, which come from the fence and from nobody
-- else, at most 1,000 an event.
CREATE FUNCTION tally.record_destruction(p_erasure uuid, p_epoch bigint) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_erasure tally.erasure := tally.lock_erasure(p_erasure);
    v_head tally.head;
    v_keys text;
    v_positions bigint[] := '{}';
BEGIN
    IF NOT tally.is_epoch(p_epoch) THEN
        RAISE EXCEPTION 'an epoch that cannot be' USING ERRCODE = 'TL001';
    END IF;
    IF tally.erasure_step(p_erasure, ARRAY['fenced'], 'keysDestroyed',
        p_before => format('"epoch":%s,', p_epoch)) IS NULL
    THEN
        RETURN;
    END IF;
    FOR v_keys IN
        SELECT string_agg(tally.quoted(key_id), ',' ORDER BY key_id) FROM (
            SELECT key_id, row_number() OVER (ORDER BY key_id) - 1 AS n
            FROM tally.fenced_key WHERE erasure_id = p_erasure) k
        GROUP BY n / 1000 ORDER BY n / 1000
    LOOP
        SELECT * INTO STRICT v_head FROM tally.lock_head(v_erasure.tenant_id);
        v_positions := v_positions || tally.append_clear(v_head, 2, format(
            '{"erasure":"%s","keys":[%s]}', tally.hex(p_erasure), v_keys));
    END LOOP;
    UPDATE tally.erasure SET destroyed_at = tally.now_micros(), destroyed_epoch = p_epoch,
        destroyed_positions = v_positions
    WHERE erasure_id = p_erasure;
END
$$;

-- Notes that the log holds nothing any more of what an erasure destroyed, and forgets the digests of the
-- requests that brought it: now projections follow.
CREATE FUNCTION tally.note_purged(p_erasure uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_erasure tally.erasure;
BEGIN
    UPDATE tally.erasure SET purged_at = tally.now_micros()
    WHERE erasure_id = p_erasure AND state = 'keysDestroyed' AND purged_at IS NULL
    RETURNING * INTO v_erasure;
    IF FOUND THEN
        UPDATE tally.erasure SET purged_requests = tally.forget_digests(
            v_erasure.tenant_id,
            CASE WHEN v_erasure.subject_tag <> decode(repeat('00', 16), 'hex') THEN ARRAY(
                SELECT position FROM tally.erasure_event
                WHERE erasure_id = p_erasure ORDER BY position) END)
        WHERE erasure_id = p_erasure;
    END IF;
END
$$;

-- How often what may be read of a tenant has become less: a projector whose page is older than the
-- newest time must take it again.
CREATE FUNCTION tally.erasure_count(p_tenant uuid) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT (SELECT count(*) FROM tally.key_fence WHERE tenant_id = p_tenant)
        + (SELECT count(*) FROM tally.erasure WHERE tenant_id = p_tenant AND purged_at IS NOT NULL)
$$;

-- Records that an epoch's KEK was destroyed, once: slot 0 has the receipt, and every erasure that
-- waited for this epoch as the last one goes on. Gives the event's position.
CREATE FUNCTION tally.record_epoch(
    p_epoch bigint, p_provider text, p_destroyed_at bigint, p_assurance text
) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_tenant uuid;
    v_head tally.head;
    v_position bigint;
BEGIN
    -- The clocks of those who hold keys may be wrong by a day.
    IF NOT coalesce(tally.is_epoch(p_epoch)
        AND p_destroyed_at BETWEEN (SELECT created_at FROM tally.ledger) - 86400 * 1000000::bigint
            AND tally.now_micros() + 86400 * 1000000::bigint
        AND octet_length(p_provider) BETWEEN 1 AND 255 AND octet_length(p_assurance) <= 4096, false)
    THEN
        RAISE EXCEPTION 'a receipt of an epoch or a time that cannot be' USING ERRCODE = 'TL001';
    END IF;
    SELECT tenant_id INTO STRICT v_tenant FROM tally.tenant WHERE slot = 0;
    SELECT * INTO STRICT v_head FROM tally.lock_head(v_tenant);
    SELECT position INTO v_position FROM tally.epoch_receipt WHERE epoch = p_epoch;
    IF FOUND THEN
        RETURN v_position;
    END IF;
    v_position := tally.append_clear(v_head, 15, format(
        '{"action":"destroyEpoch","assurance":%s,"destroyed_at":%s,"epoch":%s,"provider":%s}',
        to_json(p_assurance), p_destroyed_at, p_epoch, to_json(p_provider)));
    INSERT INTO tally.epoch_receipt VALUES (p_epoch, v_position);
    RETURN v_position;
END
$$;

-- Takes erasures on whose time has come: epochRetired once every epoch that could open a copy of the
-- keys is destroyed, final once the last backup has expired. p_alive is the oldest epoch that is not
-- destroyed. Gives how many were taken on.
CREATE FUNCTION tally.advance_erasures(p_alive bigint) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_erasure tally.erasure;
    v_count bigint := 0;
BEGIN
    FOR v_erasure IN
        SELECT * FROM tally.erasure
        WHERE state = 'purged' AND destroyed_epoch < p_alive
            AND NOT EXISTS (
                SELECT FROM generate_series(1, destroyed_epoch) e
                WHERE NOT EXISTS (SELECT FROM tally.epoch_receipt r WHERE r.epoch = e))
        ORDER BY tenant_id, requested_at
    LOOP
        IF tally.erasure_step(v_erasure.erasure_id, ARRAY['purged'], 'epochRetired',
            format('"epoch":%s,', v_erasure.destroyed_epoch)) IS NOT NULL
        THEN
            UPDATE tally.erasure SET retired_at = tally.now_micros()
            WHERE erasure_id = v_erasure.erasure_id;
            v_count := v_count + 1;
        END IF;
    END LOOP;
    FOR v_erasure IN
        SELECT * FROM tally.erasure
        WHERE state = 'epochRetired' AND backups_until <= tally.now_micros()
        ORDER BY tenant_id, requested_at
    LOOP
        IF tally.erasure_step(
            v_erasure.erasure_id, ARRAY['epochRetired'], 'final') IS NOT NULL
        THEN
            UPDATE tally.erasure SET final_at = tally.now_micros()
            WHERE erasure_id = v_erasure.erasure_id;
            UPDATE tally.request SET state = 'applied' WHERE request_id = v_erasure.erasure_id;
            v_count := v_count + 1;
        END IF;
    END LOOP;
    RETURN v_count;
END
$$;

-- Places a legal hold; settle_request calls it under the head's lock.
CREATE FUNCTION tally.place_hold(p_head tally.head, p_hold uuid, p_plan jsonb) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c_review CONSTANT bigint := p_plan->>'review_at';
BEGIN
    -- Clear JSON has integers below 2^53, in one spelling.
    IF NOT coalesce(c_review > tally.now_micros() AND c_review < 9007199254740992
        AND octet_length(decode(p_plan->>'subject_tag', 'hex')) = 16, false)
    THEN
        RAISE EXCEPTION 'a hold without a subject and a review date to come'
            USING ERRCODE = 'TL001';
    END IF;
    INSERT INTO tally.hold VALUES (
        p_hold, p_head.tenant_id, decode(p_plan->>'subject_tag', 'hex'),
        c_review, tally.now_micros(), NULL);
    PERFORM tally.append_clear(p_head, 8, format(
        '{"hold":"%s","review_at":%s}', tally.hex(p_hold), c_review));
END
$$;

-- Ends a legal hold; erasures that waited for it can be run.
CREATE FUNCTION tally.release_hold(p_head tally.head, p_request uuid, p_hold uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE tally.hold SET released_at = tally.now_micros()
    WHERE hold_id = p_hold AND tenant_id = p_head.tenant_id AND released_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such hold of this tenant, or released already' USING ERRCODE = 'TL004';
    END IF;
    UPDATE tally.erasure e SET due_from = tally.now_micros()
    WHERE e.tenant_id = p_head.tenant_id AND e.state = 'onHold'
        AND tally.hold_of(e.tenant_id, e.subject_tag) IS NULL;
    PERFORM tally.append_clear(p_head, 9, format(
        '{"hold":"%s","request":"%s"}', tally.hex(p_hold), tally.hex(p_request)));
END
$$;

-- Lets an erased subject be recorded again, under new keys; the fence of the old ones stays.
CREATE FUNCTION tally.readmit(p_head tally.head, p_request uuid, p_erasure uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_tag bytea;
BEGIN
    SELECT subject_tag INTO v_tag FROM tally.erasure
    WHERE erasure_id = p_erasure AND tenant_id = p_head.tenant_id
        AND subject_tag <> decode(repeat('00', 16), 'hex');
    IF NOT FOUND OR EXISTS (
        SELECT FROM tally.erasure
        WHERE tenant_id = p_head.tenant_id AND subject_tag = v_tag
            AND state NOT IN ('purged', 'epochRetired', 'final', 'refused'))
    THEN
        RAISE EXCEPTION 'no purged erasure of a subject of this tenant, or another one goes on'
            USING ERRCODE = 'TL010';
    END IF;
    UPDATE tally.key_fence SET readmitted_at = tally.now_micros()
    WHERE tenant_id = p_head.tenant_id AND subject_tag = v_tag AND readmitted_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the subject is readmitted already' USING ERRCODE = 'TL010';
    END IF;
    PERFORM tally.append_clear(p_head, 12, format(
        '{"erasure":"%s","request":"%s"}', tally.hex(p_erasure), tally.hex(p_request)));
END
$$;
