-- The same for one event. A request has at most 500 events, and times rise with positions, so a
-- window of time leads to its row; the tenant is compared in a way that keeps the planner from
-- walking through all of its requests instead.
CREATE OR REPLACE FUNCTION tally.forget_digest(p_tenant uuid, p_position bigint) RETURNS bigint
    LANGUAGE plpgsql VOLATILE
    SET enable_seqscan = off
AS $$
DECLARE
    v_from bigint;
    v_to bigint;
    v_count bigint;
BEGIN
    SELECT tally.uint64(substr(leaf, 28, 8)) INTO STRICT v_from FROM tally.event
    WHERE tenant_id = p_tenant AND position = p_position;
    SELECT tally.uint64(substr(leaf, 28, 8)) INTO STRICT v_to FROM tally.event
    WHERE tenant_id = p_tenant AND position <= p_position + 499
    ORDER BY position DESC LIMIT 1;
    UPDATE tally.append_request SET digest = NULL
    WHERE recorded_at BETWEEN v_from AND v_to AND tenant_id IS NOT DISTINCT FROM p_tenant
        AND first_position <= p_position AND first_position + event_count > p_position
        AND digest IS NOT NULL;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;

ALTER FUNCTION tally.forget_digest OWNER TO tally_appender;
REVOKE ALL ON FUNCTION tally.forget_digest FROM PUBLIC;
