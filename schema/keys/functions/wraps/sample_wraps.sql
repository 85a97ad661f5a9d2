-- A few wraps of each epoch that has some, to try its KEK with.
CREATE OR REPLACE FUNCTION tally_keys.sample_wraps(p_limit int)
    RETURNS TABLE (
        tenant_id uuid, epoch bigint, twk_id bytea, wrapped bytea, dirty_since bigint
    )
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT w.tenant_id, w.epoch, w.twk_id, w.wrapped, w.dirty_since
    FROM (SELECT DISTINCT epoch FROM tally_keys.tenant_wrap WHERE wrapped IS NOT NULL) e
    CROSS JOIN LATERAL (
        SELECT * FROM tally_keys.tenant_wrap x WHERE x.epoch = e.epoch AND x.wrapped IS NOT NULL
        ORDER BY tenant_id LIMIT p_limit) w
$$;

ALTER FUNCTION tally_keys.sample_wraps OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.sample_wraps FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.sample_wraps TO tally_key_keeper;
