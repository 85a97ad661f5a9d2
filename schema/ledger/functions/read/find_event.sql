-- The position of the event with an id, in the tenant that the transaction names. Row security
-- would keep the caller's own question from the index, whose expression it does not trust.
CREATE OR REPLACE FUNCTION tally.find_event(p_tenant uuid, p_event_id uuid) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT e.position FROM tally.event e
    WHERE e.tenant_id = p_tenant AND substr(e.leaf, 36, 16) = uuid_send(p_event_id)
        AND p_tenant = nullif(current_setting('tally.tenant', true), '')::uuid
$$;

ALTER FUNCTION tally.find_event OWNER TO tally_auditor;
REVOKE ALL ON FUNCTION tally.find_event FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.find_event TO tally_reader;
