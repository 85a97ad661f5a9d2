-- Parameters, as parallel arrays:
--   t_*  per tenant, each once and best in the order of ids: the head (size, last leaf hash)
--        that the batch was built on
--   r_*  per request: ordinal of its tenant, id, digest, number of events; requests of a tenant
--        stand together
--   e_*  per event, in the order of the requests: stream tag, version, leaf
--   p_*  per part: ordinal of its event, bytes; parts of an event in order
-- Gives a verdict per request: stored, duplicate, request_reused, busy, unknown_tenant, conflict,
-- frozen, erased, key_fenced, or retry (nothing wrong with it, but with another of its tenant).
CREATE OR REPLACE FUNCTION tally.append_lane(
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
    c_requests CONSTANT int := coalesce(cardinality(r_ids), 0);
    c_events CONSTANT int := coalesce(cardinality(e_leaves), 0);
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
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'append needs READ COMMITTED' USING ERRCODE = 'TL003';
    END IF;
    PERFORM tally.require_batch(
        t_ids, t_sizes, t_lasts, r_tenants, r_ids, r_digests, r_counts,
        e_streams, e_versions, e_leaves, p_events, p_bytes);
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

    -- 2. Where nothing is in the way everything is stored; else each request is judged.
    IF v_plain AND v_locked = t_ids AND tally.is_unhindered(
        h_sizes, h_lasts, t_ids, t_sizes, t_lasts, r_tenants, r_ids, e_requests, p_events, p_bytes)
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

    -- 3. Each leaf is checked, and the rows are stored.
    PERFORM tally.store_batch(
        c_kind, t_ids, t_firsts, h_sizes, h_lasts, h_floors, r_tenants, r_ids, r_digests, r_counts,
        v_stored, e_requests, e_streams, e_versions, e_leaves, p_events, p_bytes);

    RETURN QUERY
        SELECT v.o::int, v.verdict, v.first, v.n, v.at
        FROM unnest(v_verdicts, v_firsts, v_counts, v_times)
            WITH ORDINALITY v (verdict, first, n, at, o);
END
$$;

ALTER FUNCTION tally.append_lane OWNER TO tally_appender;
REVOKE ALL ON FUNCTION tally.append_lane FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.append_lane TO tally_writer;
