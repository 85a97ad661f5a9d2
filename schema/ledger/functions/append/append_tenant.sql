-- As append_judged for one tenant, waiting for its head: for tenants that were busy, and for
-- writers that keep losing the race. The slot comes first, so that a distributed database can route
-- by it.
CREATE OR REPLACE FUNCTION tally.append_tenant(
    p_slot int, t_ids uuid[], t_sizes bigint[], t_lasts bytea[], t_floors bigint[],
    t_firsts int[],
    e_tenants int[], e_ids uuid[], e_streams uuid[], e_versions int[], e_leaves bytea[],
    e_parts bytea[], x_events int[], x_parts bytea[], r_firsts int[]
) RETURNS TABLE (verdict text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tally.lock_head(p_slot);
    RETURN QUERY SELECT * FROM tally.append_judged(
        ARRAY[p_slot], t_ids, t_sizes, t_lasts, t_floors, t_firsts, e_tenants, e_ids, e_streams,
        e_versions, e_leaves, e_parts, x_events, x_parts, r_firsts);
END
$$;

ALTER FUNCTION tally.append_tenant OWNER TO tally_appender;
REVOKE ALL ON FUNCTION tally.append_tenant FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.append_tenant TO tally_writer;
