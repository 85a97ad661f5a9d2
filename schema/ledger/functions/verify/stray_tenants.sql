-- Tenants that have events or a head but no row in tally.tenant: an index skip scan.
CREATE OR REPLACE FUNCTION tally.stray_tenants() RETURNS SETOF uuid
    LANGUAGE sql STABLE
AS $$
    WITH RECURSIVE seen (id) AS (
        (SELECT tenant_id FROM tally.event ORDER BY tenant_id LIMIT 1)
        UNION ALL
        SELECT (SELECT e.tenant_id FROM tally.event e WHERE e.tenant_id > s.id
            ORDER BY e.tenant_id LIMIT 1)
        FROM seen s WHERE s.id IS NOT NULL
    )
    SELECT id FROM seen WHERE id IS NOT NULL
    UNION SELECT tenant_id FROM tally.head
    EXCEPT SELECT tenant_id FROM tally.tenant
$$;

ALTER FUNCTION tally.stray_tenants OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.stray_tenants FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.stray_tenants TO tally_auditor;
