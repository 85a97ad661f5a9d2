-- Which of some tenants never had a wrapping key here.
CREATE OR REPLACE FUNCTION tally_keys.unknown_tenants(p_tenants uuid[]) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET enable_seqscan = off
AS $$
    SELECT q.id FROM unnest(p_tenants) q (id)
    WHERE NOT EXISTS (SELECT FROM tally_keys.tenant_wrap w WHERE w.tenant_id = q.id)
$$;

ALTER FUNCTION tally_keys.unknown_tenants OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.unknown_tenants FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.unknown_tenants TO tally_key_keeper;
