-- Everything a refusal rests on, read in one snapshot: the request's own row, the tenant's state as
-- this connection meets it, and the versions of its streams.
CREATE OR REPLACE FUNCTION tally.judge(p_tenant uuid, p_request text, p_streams uuid[])
    RETURNS TABLE (
        state smallint, digest bytea, first_position bigint, event_count int,
        recorded_at bigint, versions int[]
    )
    LANGUAGE sql STABLE
AS $$
    SELECT CASE WHEN h.state < 2 AND tally.is_permitted(h.tenant_id, h.state) THEN 0
            WHEN h.state < 2 THEN 1 ELSE h.state END::smallint,
        a.digest, a.first_position, a.event_count, a.recorded_at,
        ARRAY(SELECT tally.read_versions(
            array_fill(p_tenant, ARRAY[coalesce(cardinality(p_streams), 0)]), p_streams))
    FROM tally.head h
    LEFT JOIN tally.append_request a ON a.tenant_id = h.tenant_id AND a.request_id = p_request
    WHERE h.tenant_id = p_tenant
$$;

ALTER FUNCTION tally.judge OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.judge FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.judge TO tally_writer;
