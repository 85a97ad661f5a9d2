-- A verdict for each request of a batch in which something may be wrong: a head that is busy or
-- has moved, a known request, a fence. Runs under the locks of append_lane, which calls it.
CREATE OR REPLACE FUNCTION tally.judge_batch(
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

ALTER FUNCTION tally.judge_batch OWNER TO tally_appender;
REVOKE ALL ON FUNCTION tally.judge_batch FROM PUBLIC;
