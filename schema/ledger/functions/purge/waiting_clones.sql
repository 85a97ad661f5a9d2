-- The clones of an erasure's tenant that it has not reached.
CREATE OR REPLACE FUNCTION tally.waiting_clones(p_slot int, p_erasure uuid) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT t.tenant_id FROM tally.erasure e
    JOIN tally.tenant o ON o.slot = e.slot
    JOIN tally.tenant t ON t.source = o.tenant_id
    WHERE e.slot = p_slot AND e.erasure_id = p_erasure AND NOT EXISTS (
        SELECT FROM tally.erasure c WHERE c.slot = t.slot
            AND (c.follows = p_erasure OR c.subject_tag = decode(repeat('00', 16), 'hex'))
            AND c.state IN ('purged', 'epochRetired', 'final'))
    ORDER BY t.slot
$$;

ALTER FUNCTION tally.waiting_clones OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.waiting_clones FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.waiting_clones TO tally_operator, tally_executor;
