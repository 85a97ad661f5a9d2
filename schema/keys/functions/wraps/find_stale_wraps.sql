-- What a rotation does next: tenants whose wrap is of an older epoch than the new one, a page in
-- the order of epochs.
CREATE OR REPLACE FUNCTION tally_keys.find_stale_wraps(p_epoch bigint, p_limit int)
    RETURNS TABLE (
        tenant_id uuid, epoch bigint, twk_id bytea, wrapped bytea, dirty_since bigint
    )
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT w.tenant_id, w.epoch, w.twk_id, w.wrapped, w.dirty_since
    FROM tally_keys.tenant_wrap w
    WHERE w.epoch < p_epoch AND w.wrapped IS NOT NULL
    ORDER BY w.epoch, w.tenant_id LIMIT p_limit
$$;

ALTER FUNCTION tally_keys.find_stale_wraps OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.find_stale_wraps FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.find_stale_wraps TO tally_key_keeper;
