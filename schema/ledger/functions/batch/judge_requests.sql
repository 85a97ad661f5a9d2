-- A verdict for each request of a batch. Known requests come before head, state and fence: a retry
-- gets its receipts whatever has become of the tenant since. t_words is what judge_tenants says,
-- r_firsts the number of each request's first event, p_fenced what fenced_events says.
CREATE OR REPLACE FUNCTION tally.judge_requests(
    t_words text[], t_slots int[], r_firsts int[], e_tenants int[], e_ids uuid[], p_fenced int[]
) RETURNS text[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET enable_seqscan = off
AS $$
DECLARE
    c_requests CONSTANT int := cardinality(r_firsts);
    v_tenant int;
    v_slot int;
    v_id uuid;
    v_known boolean;
    v_verdicts text[] := '{}';
BEGIN
    FOR i IN 1..c_requests LOOP
        v_tenant := e_tenants[r_firsts[i]];
        v_slot := t_slots[v_tenant];
        v_id := e_ids[r_firsts[i]];
        v_known := t_words[v_tenant] NOT IN ('unknown_tenant', 'busy') AND EXISTS (
            SELECT FROM tally.event e WHERE e.slot = v_slot AND e.event_id = v_id);
        v_verdicts := v_verdicts || CASE
            WHEN v_known THEN 'duplicate'
            WHEN t_words[v_tenant] <> 'stored' THEN t_words[v_tenant]
            WHEN EXISTS (SELECT FROM unnest(p_fenced) f
                WHERE f >= r_firsts[i] AND (i = c_requests OR f < r_firsts[i + 1]))
                THEN 'key_fenced'
            ELSE 'stored' END;
    END LOOP;
    RETURN v_verdicts;
END
$$;

ALTER FUNCTION tally.judge_requests OWNER TO tally_appender;
REVOKE ALL ON FUNCTION tally.judge_requests FROM PUBLIC;
