-- Erasures that a projection has not followed yet.
CREATE OR REPLACE FUNCTION tally.pending_erasures(p_projection text, p_version int)
    RETURNS TABLE (erasure_id uuid, tenant_id uuid, subject_tag bytea, classes text[])
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT e.erasure_id, t.tenant_id, e.subject_tag, e.classes
    FROM tally.erasure e JOIN tally.tenant t USING (slot)
    WHERE e.state = 'keysDestroyed' AND e.purged_at IS NOT NULL
        AND NOT EXISTS (
            SELECT FROM tally.projection_erasure p
            WHERE p.slot = e.slot AND p.erasure_id = e.erasure_id
                AND p.projection = p_projection AND p.version = p_version)
    ORDER BY e.slot, e.purged_at
$$;

ALTER FUNCTION tally.pending_erasures OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.pending_erasures FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.pending_erasures TO tally_projector;
