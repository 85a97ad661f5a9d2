-- Writes that somebody is no operator any more; the caller holds slot 0's head. Two people must
-- remain, so that decisions stay possible.
CREATE OR REPLACE FUNCTION tally.end_operator(
    p_slot int, p_request uuid, p_operator uuid
) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c_requester CONSTANT uuid := (
        SELECT requester FROM tally.request WHERE slot = p_slot AND request_id = p_request);
BEGIN
    IF NOT EXISTS (
        SELECT FROM tally.operator WHERE operator_id = p_operator AND ended_at IS NULL)
    THEN
        RAISE EXCEPTION 'no such operator, or ended already' USING ERRCODE = 'TL004';
    END IF;
    IF NOT tally.has_single_operator()
        AND (SELECT count(DISTINCT person) FROM tally.operator
            WHERE ended_at IS NULL AND operator_id <> p_operator) < 2
    THEN
        RAISE EXCEPTION 'two operators must remain, or nothing could be approved any more'
            USING ERRCODE = 'TL010';
    END IF;
    PERFORM tally.append_clear(p_slot, 15, format(
        '{"action":"endOperator","operator":"%s","request":"%s","target":"%s"}',
        tally.hex(c_requester), tally.hex(p_request), tally.hex(p_operator)));
    UPDATE tally.operator o SET ended_at = h.recorded_at FROM tally.head h
    WHERE o.operator_id = p_operator AND h.slot = p_slot;
END
$$;

ALTER FUNCTION tally.end_operator OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.end_operator FROM PUBLIC;
