-- Looks whether a hold keeps an approved erasure from being run, which is onHold then. Gives the
-- state.
CREATE OR REPLACE FUNCTION tally.check_hold(p_slot int, p_erasure uuid) RETURNS text
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_erasure tally.erasure;
    v_hold uuid;
BEGIN
    PERFORM tally.lock_erasure(p_slot, p_erasure);
    SELECT * INTO STRICT v_erasure FROM tally.erasure
    WHERE slot = p_slot AND erasure_id = p_erasure;
    v_hold := tally.hold_of(p_slot, v_erasure.subject_tag);
    IF v_erasure.state NOT IN ('approved', 'onHold') THEN
        RETURN v_erasure.state;
    END IF;
    IF v_hold IS NOT NULL THEN
        PERFORM tally.erasure_step(p_slot, p_erasure, ARRAY['approved'], 'onHold',
            p_after => format(',"hold":"%s"', tally.hex(v_hold)));
        RETURN 'onHold';
    END IF;
    RETURN 'approved';
END
$$;

ALTER FUNCTION tally.check_hold OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.check_hold FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.check_hold TO tally_executor;
