-- The same for one tenant, waiting for its head: for tenants that were busy, and for writers that
-- keep losing the race. The tenant comes first, so that a distributed database can route by it.
CREATE OR REPLACE FUNCTION tally.append_tenant(
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

ALTER FUNCTION tally.append_tenant OWNER TO tally_appender;
REVOKE ALL ON FUNCTION tally.append_tenant FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.append_tenant TO tally_writer;
