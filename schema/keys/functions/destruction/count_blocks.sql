-- A number that changes whenever a subject of the tenant is blocked or readmitted.
CREATE OR REPLACE FUNCTION tally_keys.count_blocks(p_tenant uuid) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT count(*) + count(lifted_at) FROM tally_keys.key_block WHERE tenant_id = p_tenant
$$;

ALTER FUNCTION tally_keys.count_blocks OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.count_blocks FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.count_blocks TO tally_key_writer, tally_key_keeper;
