-- The tenants whose genesis event says that they were cloned from a tenant, whatever the table of
-- tenants says.
CREATE OR REPLACE FUNCTION tally.clones_of(p_tenant uuid) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
        SELECT t.tenant_id FROM tally.tenant t
        JOIN tally.event e ON e.tenant_id = t.tenant_id AND e.position = 0
        WHERE position(
            convert_to(format('"tenant":"%s"', tally.hex(p_tenant)), 'UTF8') IN e.body) > 0;
END
$$;

ALTER FUNCTION tally.clones_of OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.clones_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.clones_of TO tally_operator, tally_executor;
