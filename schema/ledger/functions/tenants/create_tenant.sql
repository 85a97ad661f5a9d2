-- Creates a tenant that is no clone: those are made by restores alone.
CREATE OR REPLACE FUNCTION tally.create_tenant(
    p_tenant uuid, p_name_tag bytea, p_name_sealed bytea, p_region text
) RETURNS int
    LANGUAGE sql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT tally.add_tenant(p_tenant, p_name_tag, p_name_sealed, p_region)
$$;

ALTER FUNCTION tally.create_tenant OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.create_tenant FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.create_tenant TO tally_operator;
