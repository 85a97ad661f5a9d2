-- tally.append_lane: the one way a caller's events enter the ledger. One call stores a batch for
-- many tenants and callers; per tenant it is all or nothing; it trusts no parameter.
-- Errors: TL001 refused batch, TL002 clock skew, TL003 isolation, TL008 the ledger's own log.
-- DETAIL is JSON.

-- Locks a tenant's head until the end of the transaction and gives it.
CREATE FUNCTION tally.lock_head(p_tenant uuid) RETURNS SETOF tally.head
    LANGUAGE sql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT * FROM tally.head WHERE tenant_id = p_tenant FOR NO KEY UPDATE
$$;

-- The restore that a connection's purpose names; NULL for anything else.
CREATE FUNCTION tally.purposed_restore(p_purpose text) RETURNS uuid
    LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN p_purpose ~ '^restore:[0-9a-f]{32}$' THEN substr(p_purpose, 9)::uuid END;

-- Whether a tenant that is not erased takes what this connection appends: one that is frozen only for
-- the purpose that the connection names. A connection that names a restore writes while that is being
-- applied, whatever the tenant's state, and not otherwise.
CREATE FUNCTION tally.is_permitted(p_tenant uuid, p_state smallint) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE
        WHEN c.purpose LIKE 'restore:%' THEN
            pg_has_role(session_user, 'tally_executor', 'MEMBER')
            AND EXISTS (SELECT FROM tally.restore r
                WHERE r.restore_id = tally.purposed_restore(c.purpose) AND r.state = 'applying'
                    AND coalesce(r.clone, r.tenant_id) = p_tenant)
        WHEN p_state = 0 THEN true
        ELSE c.purpose IN ('consent', 'legal-claims', 'protection', 'public-interest')
            AND EXISTS (SELECT FROM tally.restriction WHERE tenant_id = p_tenant AND level = 1)
        END
    FROM (SELECT coalesce(current_setting('tally.purpose', true), '') AS purpose) c
$$;

-- The kind of the events that a connection appends whose purpose is a restore: 10 where that fills a clone.
CREATE FUNCTION tally.event_kind() RETURNS int
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN EXISTS (SELECT FROM tally.restore r
        WHERE r.restore_id = tally.purposed_restore(current_setting('tally.purpose', true))
            AND r.clone IS NOT NULL)
    THEN 10 ELSE 1 END
$$;

-- A verdict for each request of a batch in which something may be wrong: a head that is busy or
-- has moved, a known request, a fence. Runs under the locks of append_lane, which calls it.
CREATE FUNCTION tally.judge_batch(
    p_locked uuid[], t_ids uuid[], t_sizes bigint[], t_lasts bytea[], t_firsts int[],
    r_tenants int[], r_ids text[], r_digests bytea[], e_requests int[], e_leaves bytea[],
    p_events int[], p_bytes bytea[]
) RETURNS TABLE (
    verdicts text[], firsts bigint[], counts int[], times bigint[],
    sizes bigint[], lasts bytea[], floors bigint[]
)
    LANGUAGE sql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET enable_seqscan = off
AS $$
    WITH tenants AS MATERIALIZED (
        SELECT t.o, t.id, h.size, h.last_leaf_hash,
            greatest(h.recorded_at, h.closed_through) AS floor,
            CASE
                WHEN h.tenant_id IS NULL THEN 'unknown_tenant'
                WHEN h.tenant_id <> ALL (coalesce(p_locked, '{}')) THEN 'busy'
                WHEN h.state = 2 THEN 'erased'
                WHEN NOT tally.is_permitted(h.tenant_id, h.state) THEN 'frozen'
                -- A batch that waited past a closed timestamp is built again with later times.
                WHEN NOT coalesce(h.size = t.size AND h.last_leaf_hash = t.last, false)
                    OR coalesce(h.closed_through > h.recorded_at
                        AND substr(l.leaf, 28, 8) <= int8send(h.closed_through), false)
                    THEN 'conflict'
            END AS verdict
        FROM unnest(t_ids, t_sizes, t_lasts, t_firsts)
            WITH ORDINALITY t (id, size, last, first, o)
        LEFT JOIN tally.head h ON h.tenant_id = t.id
        LEFT JOIN unnest(e_leaves) WITH ORDINALITY l (leaf, o) ON l.o = t.first
    ), fenced AS (
        -- Read after the lock: nothing is sealed for who was erased.
        SELECT DISTINCT e_requests[p.event] AS request
        FROM unnest(p_events, p_bytes) p (event, bytes)
        JOIN tally.fenced_key f ON f.tenant_id = t_ids[r_tenants[e_requests[p.event]]]
            AND f.key_id = substr(p.bytes, 2, 32)
    ), requests AS (
        -- Known requests come before head, state and fence: a retry gets its receipt whatever
        -- has become of the tenant since.
        SELECT r.o, r.tenant, a.first_position, a.event_count, a.recorded_at,
            CASE
                WHEN t.verdict IN ('busy', 'unknown_tenant') THEN t.verdict
                WHEN a.first_position IS NOT NULL THEN
                    CASE WHEN coalesce(a.digest = r.digest, a.digest IS NULL)
                        THEN 'duplicate' ELSE 'request_reused' END
                WHEN t.verdict IS NOT NULL THEN t.verdict
                WHEN EXISTS (SELECT FROM fenced WHERE request = r.o) THEN 'key_fenced'
                ELSE 'stored'
            END AS verdict
        FROM unnest(r_tenants, r_ids, r_digests) WITH ORDINALITY r (tenant, id, digest, o)
        JOIN tenants t ON t.o = r.tenant
        LEFT JOIN LATERAL (
            SELECT x.* FROM tally.append_request x
            WHERE x.tenant_id = t.id AND x.request_id = r.id LIMIT 1
        ) a ON true
    ), together AS (
        -- With one request refused its whole tenant waits; the others are told to retry.
        SELECT *, verdict = 'stored'
            AND bool_or(verdict <> 'stored') OVER (PARTITION BY tenant) AS waits
        FROM requests
    )
    SELECT r.verdicts, r.firsts, r.counts, r.times, t.sizes, t.lasts, t.floors
    FROM (
        SELECT array_agg(CASE WHEN waits THEN 'retry' ELSE verdict END ORDER BY o) AS verdicts,
            array_agg(first_position ORDER BY o) AS firsts,
            array_agg(event_count ORDER BY o) AS counts,
            array_agg(recorded_at ORDER BY o) AS times
        FROM together
    ) r, (
        SELECT array_agg(size ORDER BY o) AS sizes, array_agg(last_leaf_hash ORDER BY o) AS lasts,
            array_agg(floor ORDER BY o) AS floors
        FROM tenants
    ) t
$$;

-- Parameters, as parallel arrays:
--   t_*  per tenant, each once and best in the order of ids: the head (size, last leaf hash)
--        that the batch was built on
--   r_*  per request: ordinal of its tenant, id, digest, number of events; requests of a tenant
--        stand together
--   e_*  per event, in the order of the requests: stream tag, version, leaf
--   p_*  per part: ordinal of its event, bytes; parts of an event in order
-- Gives a verdict per request: stored, duplicate, request_reused, busy, unknown_tenant, conflict,
-- frozen, erased, key_fenced, or retry (nothing wrong with it, but with another of its tenant).
CREATE FUNCTION tally.append_lane(
    t_ids uuid[], t_sizes bigint[], t_lasts bytea[],
    r_tenants int[], r_ids text[], r_digests bytea[], r_counts int[],
    e_streams uuid[], e_versions int[], e_leaves bytea[],
    p_events int[], p_bytes bytea[]
) RETURNS TABLE (
    request int, verdict text, first_position bigint, event_count int, recorded_at bigint
)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    c_tenants CONSTANT int := coalesce(cardinality(t_ids), 0);
    c_requests CONSTANT int := coalesce(cardinality(r_ids), 0);
    c_events CONSTANT int := coalesce(cardinality(e_leaves), 0);
    c_parts CONSTANT int := coalesce(cardinality(p_bytes), 0);
    c_latest CONSTANT bigint := tally.now_micros() + 2000000;
    c_kind CONSTANT int := CASE WHEN current_setting('tally.purpose', true) LIKE 'restore:%'
        THEN tally.event_kind() ELSE 1 END;
    v_locked uuid[];
    v_plain boolean;
    h_sizes bigint[];
    h_lasts bytea[];
    h_floors bigint[];
    v_verdicts text[];
    v_stored boolean[];
    v_firsts bigint[];
    v_counts int[];
    v_times bigint[];
    t_firsts int[];
    e_requests int[];
    v_wrong int;
    v_early boolean;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'append needs READ COMMITTED' USING ERRCODE = 'TL003';
    END IF;
    -- What follows counts on it: the arrays of a group have one length and begin at 1, and
    -- tenants stand in order, each with its requests together.
    IF NOT coalesce(
        c_events BETWEEN 1 AND 1000 AND c_parts BETWEEN c_events AND 32 * c_events
        AND '[1:' || c_tenants || ']' = ALL (ARRAY[
            array_dims(t_ids), array_dims(t_sizes), array_dims(t_lasts)])
        AND '[1:' || c_requests || ']' = ALL (ARRAY[
            array_dims(r_tenants), array_dims(r_ids), array_dims(r_digests),
            array_dims(r_counts)])
        AND '[1:' || c_events || ']' = ALL (ARRAY[
            array_dims(e_streams), array_dims(e_versions), array_dims(e_leaves)])
        AND '[1:' || c_parts || ']' = ALL (ARRAY[array_dims(p_events), array_dims(p_bytes)])
        AND num_nonnulls(
            array_position(t_ids, NULL), array_position(t_sizes, NULL),
            array_position(t_lasts, NULL), array_position(r_ids, NULL),
            array_position(r_digests, NULL)) = 0
        AND 1 <= ALL (r_counts) AND c_events = (SELECT sum(c) FROM unnest(r_counts) c)
        AND 1 <= ALL (p_events) AND c_events >= ALL (p_events)
        AND c_tenants = r_tenants[c_requests]
        AND (SELECT bool_and(coalesce(r.this IN (r.before, r.before + 1), false))
            FROM unnest(r_tenants, 0 || r_tenants[:c_requests - 1])
                r (this, before))
        AND r_tenants[1] = 1, false)
    THEN
        RAISE EXCEPTION 'a batch outside its bounds' USING ERRCODE = 'TL001';
    END IF;
    IF t_ids @> ARRAY(SELECT t.tenant_id FROM tally.tenant t WHERE t.slot = 0) THEN
        RAISE EXCEPTION 'the ledger''s own log takes no events of callers'
            USING ERRCODE = 'TL008';
    END IF;

    e_requests := CASE WHEN c_requests = c_events
        THEN ARRAY(SELECT generate_series(1, c_events))
        ELSE ARRAY(
            SELECT r.o FROM unnest(r_counts) WITH ORDINALITY r (n, o), generate_series(1, r.n)
            ORDER BY r.o) END;
    t_firsts := ARRAY(
        SELECT min(e.o)::int FROM unnest(e_requests) WITH ORDINALITY e (r, o)
        GROUP BY r_tenants[e.r] ORDER BY r_tenants[e.r]);

    -- 1. Lock the heads; a tenant whose head is held by somebody else is skipped.
    SELECT array_agg(h.tenant_id), array_agg(h.size), array_agg(h.last_leaf_hash),
        array_agg(h.recorded_at), bool_and(h.state = 0 AND h.closed_through <= h.recorded_at)
    INTO v_locked, h_sizes, h_lasts, h_floors, v_plain
    FROM (
        SELECT * FROM tally.head h WHERE h.tenant_id = ANY (t_ids)
        ORDER BY h.tenant_id FOR NO KEY UPDATE SKIP LOCKED
    ) h;

    -- 2. to 4. Nearly always nothing is in the way: every head is ours, active and as the batch
    --    was built on it, no request is known and nobody is fenced. Else each request is judged.
    IF v_plain AND v_locked = t_ids
        AND coalesce(current_setting('tally.purpose', true), '') = '' AND h_sizes = t_sizes AND h_lasts = t_lasts
        AND (NOT EXISTS (SELECT FROM tally.key_fence f WHERE f.tenant_id = ANY (t_ids))
            OR NOT EXISTS (
                SELECT FROM unnest(p_events, p_bytes) p (event, bytes)
                JOIN tally.fenced_key f ON f.tenant_id = t_ids[r_tenants[e_requests[p.event]]]
                    AND f.key_id = substr(p.bytes, 2, 32)))
        AND NOT EXISTS (
            SELECT FROM unnest(r_tenants, r_ids) r (tenant, id)
            CROSS JOIN LATERAL (
                SELECT FROM tally.append_request a
                WHERE a.tenant_id = t_ids[r.tenant] AND a.request_id = r.id LIMIT 1) known)
    THEN
        v_verdicts := array_fill('stored'::text, ARRAY[c_requests]);
        v_stored := array_fill(true, ARRAY[c_requests]);
    ELSE
        SELECT j.verdicts, j.firsts, j.counts, j.times, j.sizes, j.lasts, j.floors
        INTO v_verdicts, v_firsts, v_counts, v_times, h_sizes, h_lasts, h_floors
        FROM tally.judge_batch(
            v_locked, t_ids, t_sizes, t_lasts, t_firsts, r_tenants, r_ids, r_digests, e_requests,
            e_leaves, p_events, p_bytes) j;
        v_stored := ARRAY(SELECT v = 'stored' FROM unnest(v_verdicts) v);
    END IF;

    -- 5. Each leaf against its columns and neighbours, 6. and the rows. A wrong leaf raises, and
    --    with it goes everything that this statement wrote.
    WITH part AS (
        SELECT p.event, string_agg(sha256(p.bytes), '') AS digests,
            string_agg(int4send(octet_length(p.bytes)) || p.bytes, '') AS body,
            -- Suite, key id and nonce take 45 bytes, ciphertext and tag 48 and a multiple of 32.
            bool_and(coalesce(octet_length(p.bytes) >= 93 AND octet_length(p.bytes) % 32 = 29
                AND get_byte(p.bytes, 0) = 1, false))
                AS sealed
        FROM (
            SELECT * FROM unnest(p_events, p_bytes) WITH ORDINALITY u (event, bytes, o)
            ORDER BY u.event, u.o
        ) p
        GROUP BY p.event
    ), checked AS MATERIALIZED (
        SELECT e.o, q.request, q.tenant, t_ids[q.tenant] AS tenant_id,
            h_sizes[q.tenant] + e.o - q.first AS position, e.stream, e.version, e.leaf, part.body,
            coalesce(
                substr(e.leaf, 1, 2) = '\x0001' AND get_byte(e.leaf, 2) = c_kind
                AND substr(e.leaf, 4, 24)
                    = uuid_send(t_ids[q.tenant]) || int8send(h_sizes[q.tenant] + e.o - q.first)
                AND substr(e.leaf, 52, 32) = CASE WHEN e.o = q.first THEN h_lasts[q.tenant]
                    ELSE sha256('\x00'::bytea || e.before) END
                AND substr(e.leaf, 28, 8) > CASE WHEN e.o = q.first
                    THEN int8send(h_floors[q.tenant]) ELSE substr(e.before, 28, 8) END
                AND get_byte(e.leaf, 83) = octet_length(part.digests) / 32
                AND substr(e.leaf, 85) = part.digests
                AND octet_length(part.digests) BETWEEN 32 AND 1024
                AND octet_length(part.body) <= 16842752
                AND part.sealed AND e.stream IS NOT NULL
                -- A stream has at most the events before its newest; that its versions follow
                -- each other only the keys can show, for they also name the stream.
                AND e.version BETWEEN 1 AND h_sizes[q.tenant] + e.o - q.first, false) AS ok,
            coalesce(
                substr(e.leaf, 28, 8) <= int8send(
                    greatest(c_latest, h_floors[q.tenant] + 1 + e.o - q.first)), false) AS timely
        FROM unnest(e_streams, e_versions, e_leaves, NULL::bytea || e_leaves)
            WITH ORDINALITY e (stream, version, leaf, before, o)
        CROSS JOIN LATERAL (
            SELECT e_requests[e.o] AS request, r_tenants[e_requests[e.o]] AS tenant,
                t_firsts[r_tenants[e_requests[e.o]]] AS first
        ) q
        LEFT JOIN part ON part.event = e.o
        WHERE v_stored[q.request] AND e.o <= c_events
    ), inserted AS (
        INSERT INTO tally.event (tenant_id, position, stream, version, leaf, body)
        SELECT tenant_id, position, stream, version, leaf, body FROM checked WHERE ok AND timely
    ), received AS (
        INSERT INTO tally.append_request
            (tenant_id, request_id, digest, first_position, event_count, recorded_at)
        SELECT c.tenant_id, r.id, r.digest, c.position - r.n + 1, r.n,
            tally.uint64(substr(c.leaf, 28, 8))
        FROM checked c
        JOIN unnest(r_ids, r_digests, r_counts) WITH ORDINALITY r (id, digest, n, o)
            ON r.o = c.request
        WHERE e_requests[c.o + 1] IS DISTINCT FROM c.request AND c.ok AND c.timely
    ), moved AS (
        UPDATE tally.head h SET size = c.position + 1,
            last_leaf_hash = sha256('\x00'::bytea || c.leaf),
            recorded_at = tally.uint64(substr(c.leaf, 28, 8))
        FROM checked c
        WHERE h.tenant_id = c.tenant_id AND c.ok AND c.timely
            AND r_tenants[e_requests[c.o + 1]] IS DISTINCT FROM c.tenant
    )
    SELECT min(c.o) FILTER (WHERE NOT c.ok), coalesce(bool_or(NOT c.timely), false)
    INTO v_wrong, v_early
    FROM checked c;
    IF v_wrong IS NOT NULL THEN
        RAISE EXCEPTION 'a leaf does not fit its place in the chain'
            USING ERRCODE = 'TL001', DETAIL = format('{"event":%s}', v_wrong);
    END IF;
    IF v_early THEN
        RAISE EXCEPTION 'an event more than two seconds ahead of the database clock'
            USING ERRCODE = 'TL002';
    END IF;

    RETURN QUERY
        SELECT v.o::int, v.verdict, v.first, v.n, v.at
        FROM unnest(v_verdicts, v_firsts, v_counts, v_times)
            WITH ORDINALITY v (verdict, first, n, at, o);
END
$$;

-- The same for one tenant, waiting for its head: for tenants that were busy, and for writers that
-- keep losing the race. The tenant comes first, so that a distributed database can route by it.
CREATE FUNCTION tally.append_tenant(
    p_tenant uuid, t_sizes bigint[], t_lasts bytea[],
    r_tenants int[], r_ids text[], r_digests bytea[], r_counts int[],
    e_streams uuid[], e_versions int[], e_leaves bytea[],
    p_events int[], p_bytes bytea[]
) RETURNS TABLE (
    request int, verdict text, first_position bigint, event_count int, recorded_at bigint
)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tally.lock_head(p_tenant);
    RETURN QUERY SELECT * FROM tally.append_lane(
        ARRAY[p_tenant], t_sizes, t_lasts, r_tenants, r_ids, r_digests, r_counts,
        e_streams, e_versions, e_leaves, p_events, p_bytes);
END
$$;

-- Deletes the rows of requests that are older than 30 days, those of one day at most, and gives their
-- number. The log's order is that of time, so what is left of a tenant's rows still covers its events
-- without a gap.
CREATE FUNCTION tally.prune_requests() RETURNS bigint
    LANGUAGE sql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    WITH bound AS (
        SELECT least(min(recorded_at) + 86400 * 1000000::bigint,
            tally.now_micros() - 30 * 86400 * 1000000::bigint) AS until
        FROM tally.append_request
        WHERE recorded_at < tally.now_micros() - 30 * 86400 * 1000000::bigint
    ), pruned AS (
        DELETE FROM tally.append_request a USING bound b WHERE a.recorded_at < b.until RETURNING 1
    )
    SELECT count(*) FROM pruned
$$;
