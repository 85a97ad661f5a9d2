-- Whether a tenant that is not erased takes what this connection appends: one that is frozen only
-- for the purpose that the connection names. A connection that names a restore writes while that is
-- being applied, whatever the tenant's state, and not otherwise.
CREATE OR REPLACE FUNCTION tally.is_permitted(p_tenant uuid, p_state smallint) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE
        WHEN c.purpose LIKE 'restore:%' THEN
            pg_has_role(session_user, 'tally_executor', 'MEMBER')
            AND EXISTS (SELECT FROM tally.restore r
                WHERE r.restore_id = tally.purposed_restore(c.purpose) AND r.state = 'applying'
                    AND coalesce(r.clone, r.tenant_id) = p_tenant)
        WHEN p_state = 0 THEN true
        ELSE c.purpose IN ('consent', 'legal-claims', 'protection', 'public-interest')
            AND EXISTS (SELECT FROM tally.restriction WHERE tenant_id = p_tenant AND level = 1)
        END
    FROM (SELECT coalesce(current_setting('tally.purpose', true), '') AS purpose) c
$$;

ALTER FUNCTION tally.is_permitted OWNER TO tally_appender;
REVOKE ALL ON FUNCTION tally.is_permitted FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.is_permitted TO tally_writer;
