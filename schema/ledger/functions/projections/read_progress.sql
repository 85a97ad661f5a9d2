-- How far a version of a projection has come with each tenant, and what holds it up.
CREATE OR REPLACE FUNCTION tally.read_progress(p_projection text, p_version int)
    RETURNS TABLE (
        tenant_id uuid, slot int, size bigint, cursor_position bigint, dead_position bigint,
        reason text
    )
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT t.tenant_id, t.slot, h.size, coalesce(c.position, 0), d.position, d.reason
    FROM tally.tenant t
    JOIN tally.head h USING (slot)
    LEFT JOIN tally.cursor c ON c.slot = t.slot AND c.projection = p_projection
        AND c.version = p_version
    LEFT JOIN LATERAL (
        SELECT * FROM tally.dead_letter x
        WHERE x.slot = t.slot AND x.projection = p_projection
            AND x.skipped_by IS NULL AND x.position = coalesce(c.position, 0)
    ) d ON true
    ORDER BY t.slot
$$;

ALTER FUNCTION tally.read_progress OWNER TO tally_auditor;
REVOKE ALL ON FUNCTION tally.read_progress FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.read_progress TO tally_projector;
