-- Slots that have events or a head but no row in tally.tenant: an index skip scan.
CREATE OR REPLACE FUNCTION tally.stray_tenants() RETURNS SETOF int
    LANGUAGE sql STABLE
AS $$
    WITH RECURSIVE seen (id) AS (
        (SELECT slot FROM tally.event ORDER BY slot LIMIT 1)
        UNION ALL
        SELECT (SELECT e.slot FROM tally.event e WHERE e.slot > s.id
            ORDER BY e.slot LIMIT 1)
        FROM seen s WHERE s.id IS NOT NULL
    )
    SELECT id FROM seen WHERE id IS NOT NULL
    UNION SELECT slot FROM tally.head
    EXCEPT SELECT slot FROM tally.tenant
$$;

ALTER FUNCTION tally.stray_tenants OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.stray_tenants FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.stray_tenants TO tally_auditor;
