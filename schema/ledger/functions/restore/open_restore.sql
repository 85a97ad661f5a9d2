-- Enters a restore in the register; open_request calls it under the head's lock.
CREATE OR REPLACE FUNCTION tally.open_restore(p_slot int, p_request uuid, p_plan jsonb) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c_cut CONSTANT bigint := p_plan->>'cut';
    c_undoes CONSTANT uuid := p_plan->'scope'->>'restore';
    c_clone CONSTANT uuid := p_plan->'clone'->>'tenant';
    v_request tally.request;
BEGIN
    SELECT * INTO STRICT v_request FROM tally.request
    WHERE slot = p_slot AND request_id = p_request;
    IF NOT coalesce(jsonb_typeof(p_plan->'steps') = 'array' AND c_cut > 0
        AND (v_request.action = 2) = (c_undoes IS NOT NULL)
        AND (c_clone IS NULL OR v_request.action = 1 AND p_plan->'steps' = '[]'
            AND octet_length(decode(p_plan->'clone'->>'name_tag', 'hex')) = 16
            AND octet_length(decode(p_plan->'clone'->>'name_sealed', 'hex')) > 0)
        AND c_cut <= (SELECT size FROM tally.head WHERE slot = p_slot), false)
    THEN
        RAISE EXCEPTION 'a plan without steps, or without a cut in the log' USING ERRCODE = 'TL001';
    END IF;
    INSERT INTO tally.restore (slot, restore_id, undoes, clone, cut, state)
    VALUES (p_slot, p_request, c_undoes, c_clone, c_cut, 'requested');
END
$$;

ALTER FUNCTION tally.open_restore OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.open_restore FROM PUBLIC;
