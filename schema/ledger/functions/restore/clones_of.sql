-- The tenants whose genesis event says that they were cloned from a tenant, whatever the table of
-- tenants says.
CREATE OR REPLACE FUNCTION tally.clones_of(p_slot int) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c_source CONSTANT bytea := (
        SELECT convert_to(format('"tenant":"%s"', tally.hex(o.tenant_id)), 'UTF8')
        FROM tally.tenant o WHERE o.slot = p_slot);
BEGIN
    RETURN QUERY
        SELECT t.tenant_id FROM tally.tenant t
        JOIN tally.event e ON e.slot = t.slot AND e.position = 0
        WHERE position(c_source IN e.body) > 0;
END
$$;

ALTER FUNCTION tally.clones_of OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.clones_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.clones_of TO tally_operator, tally_executor;
