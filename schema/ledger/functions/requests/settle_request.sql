-- Takes a request that is approved one step on: restores and erasures wait for their run, as do
-- owners whom operators replace; everything else is done at once. p_signed is the signature that
-- was given now. The caller holds the tenant's head. Gives the state.
CREATE OR REPLACE FUNCTION tally.settle_request(p_slot int, p_request uuid, p_signed bytea)
    RETURNS text
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_request tally.request;
    v_plan jsonb;
BEGIN
    PERFORM tally.lock_request(p_slot, p_request);
    SELECT * INTO STRICT v_request FROM tally.request
    WHERE slot = p_slot AND request_id = p_request;
    IF NOT tally.is_approved(p_slot, p_request) THEN
        RETURN v_request.state;
    END IF;
    v_plan := convert_from(v_request.plan, 'UTF8')::jsonb;
    UPDATE tally.request
    SET state = CASE WHEN v_request.action IN (1, 2, 3, 4)
        OR v_request.action = 11 AND v_request.authority = 'operators'
        THEN 'approved' ELSE 'applied' END
    WHERE slot = p_slot AND request_id = p_request RETURNING * INTO v_request;
    IF v_request.action IN (1, 2) THEN
        UPDATE tally.restore SET state = 'approved'
        WHERE slot = p_slot AND restore_id = p_request AND state = 'requested';
    ELSIF v_request.action IN (3, 4) THEN
        -- One whose first approval ran out before it was run is approved again, or on hold.
        IF EXISTS (SELECT FROM tally.erasure
            WHERE slot = p_slot AND erasure_id = p_request AND state = 'requested')
        THEN
            PERFORM tally.erasure_step(p_slot, p_request, ARRAY['requested'], 'approved',
                format('"approvals":[%s],', tally.quoted(p_signed)));
        END IF;
    ELSIF v_request.action = 5 THEN
        PERFORM tally.place_hold(p_slot, p_request, v_plan);
    ELSIF v_request.action = 6 THEN
        PERFORM tally.release_hold(p_slot, p_request, (v_plan->>'hold')::uuid);
    ELSIF v_request.action = 7 THEN
        PERFORM tally.readmit(p_slot, p_request, (v_plan->>'erasure')::uuid);
    ELSIF v_request.action = 11 THEN
        IF v_request.state = 'applied' THEN
            PERFORM tally.change_owner(p_slot, p_request, v_plan);
        END IF;
    ELSIF v_plan ? 'public_key' THEN
        PERFORM tally.add_operator(p_slot, p_request,
            decode(v_plan->>'public_key', 'hex'), (v_plan->>'person')::uuid);
    ELSE
        PERFORM tally.end_operator(p_slot, p_request, (v_plan->>'operator')::uuid);
    END IF;
    RETURN v_request.state;
END
$$;

ALTER FUNCTION tally.settle_request OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.settle_request FROM PUBLIC;
