-- Restores: a plan that two have signed is carried out by appending. What is written stands between
-- restoreBegan and restoreEnded; nothing that was recorded before is touched.
SET LOCAL ROLE tally_owner;

-- Streams that a restore left as they are, because somebody had written to them.
CREATE TABLE tally.restore_conflict (
    restore_id uuid NOT NULL,
    stream uuid NOT NULL,
    PRIMARY KEY (restore_id, stream)
);
RESET ROLE;

-- Enters a restore in the register; open_request calls it under the head's lock.
CREATE FUNCTION tally.open_restore(p_request tally.request, p_plan jsonb) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c_cut CONSTANT bigint := p_plan->>'cut';
    c_undoes CONSTANT uuid := p_plan->'scope'->>'restore';
    c_clone CONSTANT uuid := p_plan->'clone'->>'tenant';
BEGIN
    IF NOT coalesce(jsonb_typeof(p_plan->'steps') = 'array' AND c_cut > 0
        AND (p_request.action = 2) = (c_undoes IS NOT NULL)
        AND (c_clone IS NULL OR p_request.action = 1 AND p_plan->'steps' = '[]'
            AND octet_length(decode(p_plan->'clone'->>'name_tag', 'hex')) = 16
            AND octet_length(decode(p_plan->'clone'->>'name_sealed', 'hex')) > 0)
        AND c_cut <= (SELECT size FROM tally.head WHERE tenant_id = p_request.tenant_id), false)
    THEN
        RAISE EXCEPTION 'a plan without steps, or without a cut in the log' USING ERRCODE = 'TL001';
    END IF;
    INSERT INTO tally.restore (restore_id, tenant_id, undoes, clone, cut, state)
    VALUES (p_request.request_id, p_request.tenant_id, c_undoes, c_clone, c_cut, 'requested');
END
$$;

-- Creates the tenant into which a restore copies: frozen, so that until it is whole nobody writes to it
-- but the restore. An erasure of the source that is not finished would not know of it.
CREATE FUNCTION tally.open_clone(p_restore tally.restore, p_clone jsonb) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM tally.erasure WHERE tenant_id = p_restore.tenant_id
        AND state IN ('requested', 'approved', 'onHold', 'fenced', 'keysDestroyed'))
    THEN
        RAISE EXCEPTION 'an erasure of the tenant is not finished: run it or refuse it first'
            USING ERRCODE = 'TL010';
    END IF;
    PERFORM tally.add_tenant(
        p_restore.clone, decode(p_clone->>'name_tag', 'hex'),
        decode(p_clone->>'name_sealed', 'hex'), t.region, t.tenant_id, p_restore.cut)
    FROM tally.tenant t WHERE t.tenant_id = p_restore.tenant_id;
    PERFORM tally.freeze(p_restore.clone, p_restore.restore_id, 2::smallint);
END
$$;

-- Begins an approved restore, once; the connection that applies it may write although the tenant is
-- frozen. Gives the position of the event that says so.
CREATE FUNCTION tally.begin_restore(p_restore uuid) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_request tally.request := tally.lock_request(p_restore);
    v_head tally.head;
    v_restore tally.restore;
    v_position bigint;
BEGIN
    SELECT * INTO v_restore FROM tally.restore WHERE restore_id = p_restore;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such restore' USING ERRCODE = 'TL004';
    END IF;
    IF v_restore.state = 'applying' THEN
        RETURN v_restore.began_position;
    END IF;
    IF v_restore.state NOT IN ('requested', 'approved') THEN
        RAISE EXCEPTION 'the restore is %, and cannot be applied any more', v_restore.state
            USING ERRCODE = 'TL010';
    END IF;
    IF NOT tally.is_approved(p_restore) THEN
        RAISE EXCEPTION 'nobody has approved the restore, or the approval has expired'
            USING ERRCODE = 'TL011';
    END IF;
    SELECT * INTO STRICT v_head FROM tally.lock_head(v_restore.tenant_id);
    IF v_head.state = 2 THEN
        RAISE EXCEPTION 'the tenant is erased' USING ERRCODE = 'TL006';
    END IF;
    IF EXISTS (SELECT FROM tally.restore
        WHERE tenant_id = v_restore.tenant_id AND state IN ('applying', 'aborting'))
    THEN
        RAISE EXCEPTION 'another restore of this tenant is being applied' USING ERRCODE = 'TL010';
    END IF;
    IF v_restore.clone IS NOT NULL THEN
        PERFORM tally.open_clone(
            v_restore, convert_from(v_request.plan, 'UTF8')::jsonb -> 'clone');
    END IF;
    v_position := tally.append_clear(v_head, 3, format(
        '{"approvals":[%s],"cut":%s,"leaf_hash":"%s","plan":"%s","restore":"%s"}', (
            SELECT string_agg(tally.quoted(signed), ',' ORDER BY approved_at, operator_id)
            FROM tally.approval WHERE request_id = p_restore),
        v_restore.cut, (
            SELECT encode(tally.leaf_hash(e.leaf), 'hex') FROM tally.event e
            WHERE e.tenant_id = v_restore.tenant_id AND e.position = v_restore.cut - 1),
        encode(sha256(v_request.plan), 'hex'), tally.hex(p_restore)));
    UPDATE tally.restore SET state = 'applying', began_position = v_position,
        began_at = tally.now_micros()
    WHERE restore_id = p_restore;
    UPDATE tally.request SET state = 'applied' WHERE request_id = p_restore;
    RETURN v_position;
END
$$;

-- Keeps a restore from being applied any further: whoever applies it can write nothing from here on, so
-- what it has written can be counted.
CREATE FUNCTION tally.stop_restore(p_restore uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tally.lock_request(p_restore);
    UPDATE tally.restore SET state = 'aborting'
    WHERE restore_id = p_restore AND state IN ('applying', 'aborting');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the restore is not being applied' USING ERRCODE = 'TL010';
    END IF;
END
$$;

-- Lets a clone that is whole be used, as far as its source may be: a restriction goes with the data.
CREATE FUNCTION tally.release_clone(p_restore tally.restore, p_source_state smallint) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF p_source_state = 0 THEN
        PERFORM tally.thaw(p_restore.clone, p_restore.restore_id);
    ELSE
        PERFORM tally.freeze(p_restore.clone, p_restore.restore_id, (
            SELECT level FROM tally.restriction WHERE tenant_id = p_restore.tenant_id));
    END IF;
END
$$;

-- Ends a restore, once: as applied, as mismatched where what came of it is not what was planned, or as
-- aborted. The roots are those of the applied streams' documents, as planned and as found. Gives the
-- position of the event that says so.
CREATE FUNCTION tally.end_restore(
    p_restore uuid, p_state text, p_applied bigint, p_conflicts uuid[], p_roots bytea
) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_request tally.request := tally.lock_request(p_restore);
    v_head tally.head;
    v_restore tally.restore;
    v_position bigint;
BEGIN
    SELECT * INTO STRICT v_restore FROM tally.restore WHERE restore_id = p_restore;
    IF v_restore.state = p_state THEN
        RETURN v_restore.ended_position;
    END IF;
    IF v_restore.state <> (CASE p_state WHEN 'aborted' THEN 'aborting' ELSE 'applying' END) THEN
        RAISE EXCEPTION 'the restore is %, and cannot become %', v_restore.state, p_state
            USING ERRCODE = 'TL010';
    END IF;
    IF NOT coalesce(p_state IN ('applied', 'mismatched', 'aborted') AND p_applied >= 0
        AND p_applied <= (SELECT size FROM tally.head WHERE tenant_id = v_request.tenant_id)
        AND p_conflicts IS NOT NULL AND array_position(p_conflicts, NULL) IS NULL
        AND octet_length(p_roots) = CASE WHEN p_state = 'aborted' THEN 0 ELSE 64 END, false)
    THEN
        RAISE EXCEPTION 'a restore ends applied, mismatched or aborted, with its counts and roots'
            USING ERRCODE = 'TL001';
    END IF;
    SELECT * INTO STRICT v_head FROM tally.lock_head(v_restore.tenant_id);
    v_position := tally.append_clear(v_head, 4, format(
        '{"applied":%s,"conflicts":%s,"restore":"%s","roots":"%s","state":"%s"}',
        p_applied, cardinality(p_conflicts), tally.hex(p_restore),
        replace(encode(p_roots, 'base64'), E'\n', ''), p_state));
    INSERT INTO tally.restore_conflict
    SELECT p_restore, c FROM unnest(p_conflicts) c ON CONFLICT DO NOTHING;
    UPDATE tally.restore SET state = p_state, applied = p_applied, ended_position = v_position,
        ended_at = tally.now_micros()
    WHERE restore_id = p_restore;
    IF v_restore.clone IS NOT NULL AND p_state = 'applied' THEN
        PERFORM tally.release_clone(v_restore, v_head.state);
    END IF;
    RETURN v_position;
END
$$;

-- The newest events of some streams up to a version each, so many of a stream, in the order asked and
-- backwards; the first of them that hold no more than some bytes of bodies, at least one. place counts
-- what was asked for, from 1.
CREATE FUNCTION tally.read_newest(
    p_tenant uuid, p_streams uuid[], p_through int[], p_each int, p_bytes bigint
) RETURNS TABLE (
        event_position bigint, event_stream uuid, event_version int, event_leaf bytea,
        event_body bytea, place bigint
    )
    LANGUAGE sql STABLE
    SET enable_seqscan = off
AS $$
    SELECT position, stream, version, leaf, body, o FROM (
        SELECT e.*, o, sum(octet_length(e.body)) OVER (ORDER BY o, e.version DESC) AS total
        FROM unnest(p_streams, p_through) WITH ORDINALITY q (stream, through, o)
        CROSS JOIN LATERAL (
            SELECT x.position, x.stream, x.version, x.leaf, x.body FROM tally.event x
            WHERE x.tenant_id = p_tenant AND x.stream = q.stream AND x.version <= q.through
            ORDER BY x.version DESC LIMIT p_each) e) e
    WHERE total <= p_bytes OR total = octet_length(body)
    ORDER BY o, version DESC
$$;
