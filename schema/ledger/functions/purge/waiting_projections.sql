-- The projections that an erasure still waits for.
CREATE OR REPLACE FUNCTION tally.waiting_projections(p_slot int, p_erasure uuid) RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.name FROM tally.projection p
    WHERE p.removed_at IS NULL AND NOT EXISTS (
        SELECT FROM tally.projection_erasure x
        WHERE x.slot = p_slot AND x.erasure_id = p_erasure AND x.projection = p.name
            AND x.version = p.version)
    ORDER BY p.name
$$;

ALTER FUNCTION tally.waiting_projections OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.waiting_projections FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.waiting_projections TO tally_executor;
