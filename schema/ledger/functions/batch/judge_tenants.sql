-- A verdict for each tenant of a batch whose heads are locked, but for those that somebody else
-- holds: stored where nothing is in the way, else unknown_tenant, busy, erased, frozen or conflict.
CREATE OR REPLACE FUNCTION tally.judge_tenants(
    p_locked int[], t_slots int[], t_ids uuid[], t_sizes bigint[], t_lasts bytea[],
    t_floors bigint[]
) RETURNS text[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_head tally.head;
    v_words text[] := '{}';
BEGIN
    FOR i IN 1..cardinality(t_slots) LOOP
        SELECT * INTO v_head FROM tally.head WHERE slot = t_slots[i] AND tenant_id = t_ids[i];
        v_words := v_words || CASE
            WHEN v_head.slot IS NULL THEN 'unknown_tenant'
            WHEN v_head.slot <> ALL (p_locked) THEN 'busy'
            WHEN v_head.state = 2 THEN 'erased'
            WHEN NOT tally.is_permitted(v_head.slot, v_head.state) THEN 'frozen'
            -- A batch that waited past a closed timestamp is built again with later times.
            WHEN NOT coalesce(v_head.size = t_sizes[i] AND v_head.last_leaf_hash = t_lasts[i]
                AND greatest(v_head.recorded_at, v_head.closed_through) = t_floors[i], false)
                THEN 'conflict'
            ELSE 'stored' END;
    END LOOP;
    RETURN v_words;
END
$$;

ALTER FUNCTION tally.judge_tenants OWNER TO tally_appender;
REVOKE ALL ON FUNCTION tally.judge_tenants FROM PUBLIC;
