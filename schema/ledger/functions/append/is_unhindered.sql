-- Whether nothing is in the way of a batch whose heads are locked and active: they are as it was
-- built on them, the connection names no purpose, nobody is fenced and no request is known. Nearly
-- always so.
CREATE OR REPLACE FUNCTION tally.is_unhindered(
    h_sizes bigint[], h_lasts bytea[], t_ids uuid[], t_sizes bigint[], t_lasts bytea[],
    r_tenants int[], r_ids text[], e_requests int[], p_events int[], p_bytes bytea[]
) RETURNS boolean
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET enable_seqscan = off
AS $$
BEGIN
    RETURN coalesce(current_setting('tally.purpose', true), '') = ''
        AND h_sizes = t_sizes AND h_lasts = t_lasts
        AND (NOT EXISTS (SELECT FROM tally.key_fence f WHERE f.tenant_id = ANY (t_ids))
            OR NOT EXISTS (
                SELECT FROM unnest(p_events, p_bytes) p (event, bytes)
                JOIN tally.fenced_key f ON f.tenant_id = t_ids[r_tenants[e_requests[p.event]]]
                    AND f.key_id = substr(p.bytes, 2, 32)))
        AND NOT EXISTS (
            SELECT FROM unnest(r_tenants, r_ids) r (tenant, id)
            CROSS JOIN LATERAL (
                SELECT FROM tally.append_request a
                WHERE a.tenant_id = t_ids[r.tenant] AND a.request_id = r.id LIMIT 1) known);
END
$$;

ALTER FUNCTION tally.is_unhindered OWNER TO tally_appender;
REVOKE ALL ON FUNCTION tally.is_unhindered FROM PUBLIC;
