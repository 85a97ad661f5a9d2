-- Whether a tenant that is not erased takes what this connection appends: one that is frozen only
-- for the purpose that the connection names. A connection that names a restore writes while that is
-- being applied, whatever the tenant's state, and not otherwise.
CREATE OR REPLACE FUNCTION tally.is_permitted(p_slot int, p_state smallint) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c_purpose CONSTANT text := coalesce(current_setting('tally.purpose', true), '');
BEGIN
    IF c_purpose LIKE 'restore:%' THEN
        RETURN pg_has_role(session_user, 'tally_executor', 'MEMBER')
            AND EXISTS (SELECT FROM tally.restore r
                JOIN tally.tenant t ON t.slot = p_slot
                LEFT JOIN tally.tenant s ON s.slot = r.slot
                WHERE r.restore_id = tally.purposed_restore(c_purpose) AND r.state = 'applying'
                    AND coalesce(r.clone, s.tenant_id) = t.tenant_id);
    END IF;
    RETURN p_state = 0
        OR c_purpose IN ('consent', 'legal-claims', 'protection', 'public-interest')
            AND EXISTS (SELECT FROM tally.restriction WHERE slot = p_slot AND level = 1);
END
$$;

ALTER FUNCTION tally.is_permitted OWNER TO tally_appender;
REVOKE ALL ON FUNCTION tally.is_permitted FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.is_permitted TO tally_writer;
