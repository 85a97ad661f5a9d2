-- Request rows beside the last event each of them names, a page in order of id. A row can hold
-- any number; beyond half of all there is no event, and the sum would overflow.
CREATE OR REPLACE FUNCTION tally.read_requests(p_tenant uuid, p_after text, p_limit int)
    RETURNS TABLE (
        request_id text, first_position bigint, event_count int, recorded_at bigint,
        last_leaf bytea
    )
    LANGUAGE sql STABLE
AS $$
    SELECT a.request_id, a.first_position, a.event_count, a.recorded_at, e.leaf
    FROM tally.append_request a
    LEFT JOIN tally.event e ON e.tenant_id = a.tenant_id
        AND e.position = CASE WHEN a.first_position BETWEEN 0 AND 4611686018427387904
            THEN a.first_position + a.event_count - 1 END
    WHERE a.tenant_id = p_tenant AND a.request_id > p_after
    ORDER BY a.request_id LIMIT p_limit
$$;

ALTER FUNCTION tally.read_requests OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.read_requests FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.read_requests TO tally_auditor;
