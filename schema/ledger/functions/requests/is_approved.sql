-- Whether enough people stand behind a request at this moment: an operator and another person, or
-- anybody where one person decides alone; of an owner's request as many owners as the tenant wants.
CREATE OR REPLACE FUNCTION tally.is_approved(p_slot int, p_request uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_request tally.request;
BEGIN
    SELECT * INTO v_request FROM tally.request
    WHERE slot = p_slot AND request_id = p_request;
    IF v_request.authority = 'owner' THEN
        RETURN (
            SELECT coalesce(count(*) >= min(o.quorum), false) FROM tally.approval a
            JOIN tally.owner o ON o.slot = p_slot AND o.owner_id = a.operator_id
            WHERE a.slot = p_slot AND a.request_id = p_request AND a.expires_at > tally.now_micros()
                AND o.ended_at IS NULL AND v_request.action = ANY (o.actions));
    END IF;
    RETURN tally.has_single_operator() OR EXISTS (
        SELECT FROM tally.approval a
        JOIN tally.operator o USING (operator_id)
        JOIN tally.operator q ON q.operator_id = v_request.requester AND q.ended_at IS NULL
        WHERE a.slot = p_slot AND a.request_id = p_request AND o.person <> q.person
            AND a.expires_at > tally.now_micros() AND o.ended_at IS NULL);
END
$$;

ALTER FUNCTION tally.is_approved OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.is_approved FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.is_approved TO tally_operator, tally_executor;
