-- Keys that hang on none of their tenants' TWKs: nothing opens them.
CREATE OR REPLACE FUNCTION tally_keys.count_orphans() RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT keys FROM tally_keys.count_stale(0)
$$;

ALTER FUNCTION tally_keys.count_orphans OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.count_orphans FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.count_orphans TO tally_key_keeper;
