-- The third way: what may be stored of a batch is stored, all of a tenant's or nothing, and each
-- request gets its verdict: stored, duplicate (its first event is there), busy, unknown_tenant,
-- conflict, frozen, erased, key_fenced, or retry (nothing wrong with it, but with another of its
-- tenant). Parameters as those of append_batch, and r_firsts, per request the number
-- of its first event.
CREATE OR REPLACE FUNCTION tally.append_judged(
    t_slots int[], t_ids uuid[], t_sizes bigint[], t_lasts bytea[], t_floors bigint[],
    t_firsts int[],
    e_tenants int[], e_ids uuid[], e_streams uuid[], e_versions int[], e_leaves bytea[],
    e_parts bytea[], x_events int[], x_parts bytea[], r_firsts int[]
) RETURNS TABLE (verdict text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_locked int[];
    v_fenced int[];
    v_verdicts text[];
    v_stored boolean[];
BEGIN
    PERFORM tally.require_batch(
        t_slots, t_ids, t_sizes, t_lasts, t_floors, t_firsts, e_tenants, e_ids, e_streams,
        e_versions, e_leaves, e_parts);
    PERFORM tally.require_parts(
        t_slots, t_ids, t_sizes, t_lasts, t_floors, t_firsts, e_tenants, e_parts, x_events,
        x_parts);
    IF NOT coalesce(t_firsts[:cardinality(t_slots)] <@ r_firsts AND r_firsts[1] = 1 AND (
        SELECT bool_and(coalesce(r.f < r.next, false))
        FROM unnest(r_firsts, r_firsts[2:] || cardinality(e_leaves) + 1) r (f, next)), false)
    THEN
        RAISE EXCEPTION 'a batch outside its bounds' USING ERRCODE = 'TL001';
    END IF;
    v_locked := ARRAY(
        SELECT h.slot FROM tally.head h WHERE h.slot = ANY (t_slots)
        ORDER BY h.slot FOR NO KEY UPDATE SKIP LOCKED);
    v_fenced := tally.fenced_events(t_slots, e_tenants, e_parts, x_events, x_parts);
    v_verdicts := tally.judge_requests(
        tally.judge_tenants(v_locked, t_slots, t_ids, t_sizes, t_lasts, t_floors), t_slots,
        r_firsts, e_tenants, e_ids, v_fenced);
    -- With one request refused its whole tenant waits; the others are told to retry.
    v_stored := ARRAY(
        SELECT coalesce((
            SELECT bool_and(v.verdict = 'stored') FROM unnest(v_verdicts, r_firsts) v (verdict, f)
            WHERE e_tenants[v.f] = t.o), false)
            AND NOT EXISTS (SELECT FROM unnest(v_fenced) f WHERE e_tenants[f] = t.o)
        FROM generate_subscripts(t_slots, 1) t (o) ORDER BY t.o);
    IF true = ANY (v_stored) THEN
        PERFORM tally.store_batch(
            tally.purposed_kind(), v_stored, t_slots, t_ids, t_sizes, t_lasts, t_floors, t_firsts,
            e_tenants, e_ids, e_streams, e_versions, e_leaves, e_parts, x_events, x_parts);
    END IF;
    RETURN QUERY
        SELECT CASE WHEN v.verdict = 'stored' AND NOT v_stored[e_tenants[v.f]] THEN 'retry'
            ELSE v.verdict END
        FROM unnest(v_verdicts, r_firsts) WITH ORDINALITY v (verdict, f, o)
        ORDER BY v.o;
END
$$;

ALTER FUNCTION tally.append_judged OWNER TO tally_appender;
REVOKE ALL ON FUNCTION tally.append_judged FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.append_judged TO tally_writer;
