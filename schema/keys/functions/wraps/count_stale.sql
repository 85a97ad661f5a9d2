-- What still hangs on epochs before one: wraps of theirs, and live keys whose parent is not their
-- tenant's TWK. Both are 0 before any of those epochs may end.
CREATE OR REPLACE FUNCTION tally_keys.count_stale(p_epoch bigint)
    RETURNS TABLE (wraps bigint, keys bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT (SELECT count(*) FROM tally_keys.tenant_wrap
            WHERE epoch < p_epoch AND wrapped IS NOT NULL),
        (SELECT count(*) FROM tally_keys.key_record k
            LEFT JOIN tally_keys.tenant_wrap w USING (tenant_id)
            WHERE k.state <> 'destroyed' AND k.parent_key_id IS DISTINCT FROM w.twk_id)
$$;

ALTER FUNCTION tally_keys.count_stale OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.count_stale FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.count_stale TO tally_key_keeper;
