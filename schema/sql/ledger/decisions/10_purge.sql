-- The one way in which ciphertext leaves the log: parts under fenced keys become empty, and an event
-- says which. The leaf keeps each part's digest, so the chain verifies without them. Then what was
-- derived from those parts goes.

-- A body without the parts under fenced keys, and their indexes; under the fence of a whole tenant
-- without any sealed part.
CREATE FUNCTION tally.purge_body(
    p_tenant uuid, p_erasure uuid, p_whole boolean, p_body bytea, OUT body bytea, OUT parts int[]
)
    LANGUAGE plpgsql STABLE
AS $$
DECLARE
    v_at int := 1;
    v_length int;
    v_index int := 0;
BEGIN
    body := '';
    parts := '{}';
    WHILE v_at <= octet_length(p_body) LOOP
        v_length := ('x' || encode(substr(p_body, v_at, 4), 'hex'))::bit(32)::int;
        IF v_length < 0 OR v_length > octet_length(p_body) - v_at - 3 THEN
            RAISE EXCEPTION 'a body that is not in the format' USING ERRCODE = 'TL009';
        END IF;
        IF v_length > 32 AND get_byte(p_body, v_at + 3) = 1 AND (p_whole OR EXISTS (
            SELECT FROM tally.fenced_key f
            WHERE f.tenant_id = p_tenant AND f.erasure_id = p_erasure
                AND f.key_id = substr(p_body, v_at + 5, 32)))
        THEN
            body := body || '\x00000000'::bytea;
            parts := parts || v_index;
        ELSE
            body := body || substr(p_body, v_at, 4 + v_length);
        END IF;
        v_at := v_at + 4 + v_length;
        v_index := v_index + 1;
    END LOOP;
END
$$;

-- Notes which of some events have parts under the keys of an erasure, before those keys go; gives how
-- many.
CREATE FUNCTION tally.list_parts(p_erasure uuid, p_positions bigint[]) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET enable_seqscan = off
AS $$
DECLARE
    v_erasure tally.erasure;
    v_count bigint;
BEGIN
    SELECT * INTO v_erasure FROM tally.erasure WHERE erasure_id = p_erasure AND state = 'fenced';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no fenced erasure of that id' USING ERRCODE = 'TL004';
    END IF;
    INSERT INTO tally.erasure_event
    SELECT p_erasure, e.position FROM tally.event e
    CROSS JOIN LATERAL tally.purge_body(e.tenant_id, p_erasure, false, e.body) b
    WHERE e.tenant_id = v_erasure.tenant_id AND e.position = ANY (p_positions)
        AND e.position < v_erasure.fence_position AND cardinality(b.parts) > 0
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;

-- Empties the parts of some events that lie under the keys of an erasure whose destruction is
-- recorded, under the lock of the tenant's head. Positions are taken in order until more than 10,000
-- parts would be emptied. Gives how many positions were taken, and which parts are empty now, as JSON.
CREATE FUNCTION tally.empty_parts(
    p_erasure uuid, p_positions bigint[], OUT taken bigint, OUT emptied text[]
)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET enable_seqscan = off
AS $$
DECLARE
    c_most CONSTANT int := 10000;
    v_tenant uuid;
    v_whole boolean;
    v_event record;
BEGIN
    -- Without a destruction to name, an event would excuse nothing: then nothing is emptied.
    SELECT tenant_id, subject_tag = decode(repeat('00', 16), 'hex')
        AND cardinality(destroyed_positions) > 0
    INTO v_tenant, v_whole
    FROM tally.erasure
    WHERE erasure_id = p_erasure AND state = 'keysDestroyed' AND purged_at IS NULL;
    PERFORM set_config('tally.tenant', coalesce(v_tenant::text, ''), true);
    taken := 0;
    emptied := '{}';
    FOR v_event IN
        SELECT e.position, b.body, b.parts FROM tally.event e
        CROSS JOIN LATERAL tally.purge_body(e.tenant_id, p_erasure, v_whole, e.body) b
        WHERE e.tenant_id = v_tenant AND e.position = ANY (p_positions)
        ORDER BY e.position
    LOOP
        EXIT WHEN cardinality(emptied) + cardinality(v_event.parts) > c_most;
        taken := taken + 1;
        CONTINUE WHEN cardinality(v_event.parts) = 0;
        UPDATE tally.event e SET body = v_event.body
        WHERE e.tenant_id = v_tenant AND e.position = v_event.position;
        emptied := emptied || ARRAY(
            SELECT format('[%s,%s]', v_event.position, i) FROM unnest(v_event.parts) i);
    END LOOP;
END
$$;

-- Empties parts and appends the event that lists them. Gives how many positions were taken, and how
-- many parts emptied.
CREATE FUNCTION tally.purge_parts(p_erasure uuid, p_positions bigint[])
    RETURNS TABLE (taken bigint, purged bigint)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_erasure tally.erasure;
    v_head tally.head;
    v_parts text[];
BEGIN
    SELECT * INTO v_erasure FROM tally.erasure
    WHERE erasure_id = p_erasure AND state = 'keysDestroyed' AND purged_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no erasure of that id whose keys are destroyed and whose parts are not'
            USING ERRCODE = 'TL004';
    END IF;
    SELECT * INTO STRICT v_head FROM tally.lock_head(v_erasure.tenant_id);
    SELECT e.taken, e.emptied INTO taken, v_parts
    FROM tally.empty_parts(p_erasure, p_positions) e;
    purged := cardinality(v_parts);
    IF purged > 0 THEN
        PERFORM tally.append_clear(v_head, 7, format('{"destroyed":[%s],"parts":[%s]}',
            array_to_string(v_erasure.destroyed_positions, ','), array_to_string(v_parts, ',')));
        UPDATE tally.erasure SET purged_parts = purged_parts + purged
        WHERE erasure_id = p_erasure;
    END IF;
    RETURN NEXT;
END
$$;

-- A digest of what was submitted confirms a guess about it: those of the requests that brought some
-- events go, without positions all of a tenant's. A retry of the same id still gets its receipt.
-- Gives how many went. Few events are looked up one by one; for many it is cheaper to go through the
-- tenant's requests once, of which there are those of 30 days. Positions come in their order.
CREATE FUNCTION tally.forget_digests(p_tenant uuid, p_positions bigint[]) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET enable_seqscan = off
AS $$
DECLARE
    v_position bigint;
    v_count bigint;
    v_total bigint := 0;
BEGIN
    IF cardinality(p_positions) <= 100 THEN
        FOREACH v_position IN ARRAY p_positions LOOP
            v_total := v_total + tally.forget_digest(p_tenant, v_position);
        END LOOP;
        RETURN v_total;
    END IF;
    UPDATE tally.append_request SET digest = NULL
    WHERE tenant_id = p_tenant AND digest IS NOT NULL
        AND (p_positions IS NULL
            OR width_bucket(first_position + event_count - 1, p_positions)
                > width_bucket(first_position - 1, p_positions));
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;

-- The same for one event. A request has at most 500 events, and times rise with positions, so a window
-- of time leads to its row; the tenant is compared in a way that keeps the planner from walking through
-- all of its requests instead.
CREATE FUNCTION tally.forget_digest(p_tenant uuid, p_position bigint) RETURNS bigint
    LANGUAGE plpgsql VOLATILE
    SET enable_seqscan = off
AS $$
DECLARE
    v_from bigint;
    v_to bigint;
    v_count bigint;
BEGIN
    SELECT tally.uint64(substr(leaf, 28, 8)) INTO STRICT v_from FROM tally.event
    WHERE tenant_id = p_tenant AND position = p_position;
    SELECT tally.uint64(substr(leaf, 28, 8)) INTO STRICT v_to FROM tally.event
    WHERE tenant_id = p_tenant AND position <= p_position + 499
    ORDER BY position DESC LIMIT 1;
    UPDATE tally.append_request SET digest = NULL
    WHERE recorded_at BETWEEN v_from AND v_to AND tenant_id IS NOT DISTINCT FROM p_tenant
        AND first_position <= p_position AND first_position + event_count > p_position
        AND digest IS NOT NULL;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;

-- Whether one body is the other with parts under fenced keys emptied, and nothing else.
CREATE FUNCTION tally.is_purge(p_tenant uuid, p_old bytea, p_new bytea) RETURNS boolean
    LANGUAGE plpgsql STABLE
AS $$
DECLARE
    c_whole CONSTANT boolean := EXISTS (
        SELECT FROM tally.key_fence f
        WHERE f.tenant_id = p_tenant AND f.subject_tag = decode(repeat('00', 16), 'hex'));
    v_old int := 1;
    v_new int := 1;
    v_length int;
BEGIN
    WHILE v_old <= octet_length(p_old) LOOP
        v_length := ('x' || encode(substr(p_old, v_old, 4), 'hex'))::bit(32)::int;
        IF substr(p_new, v_new, 4 + v_length) = substr(p_old, v_old, 4 + v_length) THEN
            v_new := v_new + 4 + v_length;
        ELSIF v_length > 32 AND substr(p_new, v_new, 4) = '\x00000000'::bytea
            AND get_byte(p_old, v_old + 3) = 1
            AND (c_whole OR EXISTS (
                SELECT FROM tally.fenced_key f
                WHERE f.tenant_id = p_tenant AND f.key_id = substr(p_old, v_old + 5, 32)))
        THEN
            v_new := v_new + 4;
        ELSE
            RETURN false;
        END IF;
        v_old := v_old + 4 + v_length;
    END LOOP;
    RETURN v_new = octet_length(p_new) + 1;
END
$$;

-- Documents of streams that an erasure has touched, in place of those at the same positions: one that
-- a projector has written since is free of it already. Gives how many were replaced or removed.
CREATE FUNCTION tally.replace_documents(
    p_tenant uuid, p_fold smallint, p_streams uuid[], p_collections bytea[], p_positions bigint[],
    p_versions int[], p_sizes bigint[], p_digests bytea[], p_bodies bytea[], p_gone uuid[],
    p_gone_at bigint[]
) RETURNS bigint
    LANGUAGE sql VOLATILE
AS $$
    WITH replaced AS (
        UPDATE tally.document d
        SET body = n.body, digest = n.digest, size = n.size, fold = p_fold
        FROM unnest(p_streams, p_collections, p_positions, p_versions, p_sizes, p_digests, p_bodies)
            n (stream, collection, position, version, size, digest, body)
        WHERE d.tenant_id = p_tenant AND d.stream = n.stream AND d.position = n.position
        RETURNING 1
    ), removed AS (
        DELETE FROM tally.document d USING unnest(p_gone, p_gone_at) g (stream, position)
        WHERE d.tenant_id = p_tenant AND d.stream = g.stream AND d.position = g.position
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM replaced) + (SELECT count(*) FROM removed)
$$;

-- The streams of events that an erasure has touched, after a tag, in the order of tags.
CREATE FUNCTION tally.erased_streams(
    p_tenant uuid, p_erasure uuid, p_after uuid, p_limit int
) RETURNS SETOF uuid
    LANGUAGE sql STABLE
AS $$
    SELECT DISTINCT e.stream FROM tally.erasure_event x
    JOIN tally.event e ON e.tenant_id = p_tenant AND e.position = x.position
    WHERE x.erasure_id = p_erasure AND e.stream > p_after ORDER BY e.stream LIMIT p_limit
$$;

-- Removes a subject's tag from some events of the trail; gives how many had it.
CREATE FUNCTION tally.remove_tags(p_tenant uuid, p_tag bytea, p_positions bigint[]) RETURNS bigint
    LANGUAGE sql VOLATILE
AS $$
    WITH removed AS (
        DELETE FROM tally.event_tag
        WHERE tenant_id = p_tenant AND tag = p_tag AND position = ANY (p_positions)
        RETURNING 1
    )
    SELECT count(*) FROM removed
$$;

-- Removes everything that a built-in projection holds of a tenant; gives how many rows.
CREATE FUNCTION tally.remove_tenant(p_projection text, p_tenant uuid) RETURNS bigint
    LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_table text;
    v_count bigint;
    v_total bigint := 0;
BEGIN
    FOREACH v_table IN ARRAY CASE p_projection
        WHEN 'documents' THEN ARRAY['document', 'snapshot']
        WHEN 'trail' THEN ARRAY['event_tag', 'dictionary'] ELSE '{}' END
    LOOP
        EXECUTE format('DELETE FROM tally.%I WHERE tenant_id = $1', v_table) USING p_tenant;
        GET DIAGNOSTICS v_count = ROW_COUNT;
        v_total := v_total + v_count;
    END LOOP;
    RETURN v_total;
END
$$;

-- Drops the versions of a projection that are not live: the kept one, and one that is being built,
-- which then has to be begun again.
CREATE FUNCTION tally.drop_other_versions(p_projection text) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET lock_timeout = '10s'
AS $$
DECLARE
    v_table record;
BEGIN
    UPDATE tally.projection SET latest = latest + 1 WHERE name = p_projection AND latest > version;
    FOR v_table IN SELECT * FROM tally.projection_tables(p_projection) LOOP
        EXECUTE format('DROP TABLE IF EXISTS %1$I.%2$I, %1$I.%3$I', v_table.home,
            v_table.name || '_old', v_table.name || '_next');
    END LOOP;
END
$$;

-- Erasures that a projection has not followed yet.
CREATE FUNCTION tally.pending_erasures(p_projection text, p_version int)
    RETURNS TABLE (erasure_id uuid, tenant_id uuid, subject_tag bytea, classes text[])
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT e.erasure_id, e.tenant_id, e.subject_tag, e.classes FROM tally.erasure e
    WHERE e.state = 'keysDestroyed' AND e.purged_at IS NOT NULL
        AND NOT EXISTS (
            SELECT FROM tally.projection_erasure p
            WHERE p.tenant_id = e.tenant_id AND p.erasure_id = e.erasure_id
                AND p.projection = p_projection AND p.version = p_version)
    ORDER BY e.tenant_id, e.purged_at
$$;

-- The projections that an erasure still waits for.
CREATE FUNCTION tally.waiting_projections(p_erasure uuid) RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.name FROM tally.projection p
    WHERE p.removed_at IS NULL AND NOT EXISTS (
        SELECT FROM tally.projection_erasure x
        WHERE x.erasure_id = p_erasure AND x.projection = p.name AND x.version = p.version)
    ORDER BY p.name
$$;

-- The clones of an erasure's tenant that it has not reached.
CREATE FUNCTION tally.waiting_clones(p_erasure uuid) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT t.tenant_id FROM tally.erasure e
    JOIN tally.tenant t ON t.source = e.tenant_id
    WHERE e.erasure_id = p_erasure AND NOT EXISTS (
        SELECT FROM tally.erasure c WHERE c.tenant_id = t.tenant_id
            AND (c.follows = p_erasure OR c.subject_tag = decode(repeat('00', 16), 'hex'))
            AND c.state IN ('purged', 'epochRetired', 'final'))
    ORDER BY t.slot
$$;

-- Notes that the old rows of everything derived are gone as well, so that an erasure which waits for a clone
-- does it once.
CREATE FUNCTION tally.note_vacuumed(p_erasure uuid) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE tally.erasure SET vacuumed_at = tally.now_micros()
    WHERE erasure_id = p_erasure AND state = 'keysDestroyed' AND purged_at IS NOT NULL
        AND NOT EXISTS (SELECT FROM tally.waiting_projections(p_erasure))
$$;

-- Records that nothing is left to purge, in the log and in every projection, and until when backups
-- may hold dead copies.
CREATE FUNCTION tally.finish_purge(p_erasure uuid, p_backups_until bigint) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c_waiting CONSTANT text := (
        SELECT string_agg(w, ', ') FROM tally.waiting_projections(p_erasure) w);
BEGIN
    -- Clear JSON has integers below 2^53; nobody keeps backups for ten years.
    IF NOT coalesce(p_backups_until BETWEEN (
            SELECT requested_at FROM tally.erasure WHERE erasure_id = p_erasure)
        AND tally.now_micros() + 3650 * 86400 * 1000000::bigint, false)
    THEN
        RAISE EXCEPTION 'no such erasure, or backups that end before it or after ten years'
            USING ERRCODE = 'TL001';
    END IF;
    IF c_waiting IS NOT NULL AND EXISTS (
        SELECT FROM tally.erasure WHERE erasure_id = p_erasure AND state = 'keysDestroyed')
    THEN
        RAISE EXCEPTION 'these projections still hold what was erased: %', c_waiting
            USING ERRCODE = 'TL012';
    END IF;
    IF EXISTS (SELECT FROM tally.waiting_clones(p_erasure)) THEN
        RAISE EXCEPTION 'the erasure has not reached clone %: tally erasure spread asks for it there',
            (SELECT string_agg(tally.hex(c), ', ') FROM tally.waiting_clones(p_erasure) c)
            USING ERRCODE = 'TL010';
    END IF;
    IF tally.erasure_step(p_erasure, ARRAY['keysDestroyed'], 'purged',
        format('"backups_until":%s,', p_backups_until), (
            SELECT format(',"parts":%s,"places":{"projections":{%s},"requests":%s}',
                e.purged_parts, (
                    SELECT string_agg(
                        format('"%s":%s', x.projection, x.rows), ','
                        ORDER BY x.projection COLLATE "C")
                    FROM tally.projection_erasure x
                    JOIN tally.projection p ON p.name = x.projection AND p.version = x.version
                    WHERE x.erasure_id = p_erasure), e.purged_requests)
            FROM tally.erasure e WHERE e.erasure_id = p_erasure)) IS NOT NULL
    THEN
        UPDATE tally.erasure SET backups_until = p_backups_until WHERE erasure_id = p_erasure;
        DELETE FROM tally.erasure_event WHERE erasure_id = p_erasure;
    END IF;
END
$$;
