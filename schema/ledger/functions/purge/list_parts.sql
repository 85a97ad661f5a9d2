-- Notes which of some events have parts under the keys of an erasure, before those keys go; gives
-- how many.
CREATE OR REPLACE FUNCTION tally.list_parts(p_slot int, p_erasure uuid, p_positions bigint[])
    RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET enable_seqscan = off
AS $$
DECLARE
    v_erasure tally.erasure;
    v_count bigint;
BEGIN
    SELECT * INTO v_erasure FROM tally.erasure
    WHERE slot = p_slot AND erasure_id = p_erasure AND state = 'fenced';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no fenced erasure of that id' USING ERRCODE = 'TL004';
    END IF;
    INSERT INTO tally.erasure_event (slot, erasure_id, position)
    SELECT p_slot, p_erasure, e.position FROM tally.event e
    CROSS JOIN LATERAL tally.purge_body(p_slot, p_erasure, false, e.body) b
    WHERE e.slot = p_slot AND e.position = ANY (p_positions)
        AND e.position < v_erasure.fence_position AND cardinality(b.parts) > 0
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count;
END
$$;

ALTER FUNCTION tally.list_parts OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.list_parts FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.list_parts TO tally_executor;
