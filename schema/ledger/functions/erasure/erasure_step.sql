-- Takes an erasure from one of some states to another, with the event that says so; p_before and
-- p_after are what else it says, before and after "erasure" in the order of keys. Gives the event's
-- position, or NULL when the erasure is in that state already.
CREATE OR REPLACE FUNCTION tally.erasure_step(
    p_slot int, p_erasure uuid, p_from text[], p_to text, p_before text DEFAULT '',
    p_after text DEFAULT ''
) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_erasure tally.erasure;
BEGIN
    PERFORM tally.lock_erasure(p_slot, p_erasure);
    SELECT * INTO STRICT v_erasure FROM tally.erasure
    WHERE slot = p_slot AND erasure_id = p_erasure;
    IF v_erasure.state = p_to THEN
        RETURN NULL;
    END IF;
    IF v_erasure.state <> ALL (p_from) THEN
        RAISE EXCEPTION 'the erasure is %, and cannot become %', v_erasure.state, p_to
            USING ERRCODE = 'TL010';
    END IF;
    UPDATE tally.erasure SET state = p_to WHERE slot = p_slot AND erasure_id = p_erasure;
    RETURN tally.append_clear(p_slot, 11, format(
        '{%s"erasure":"%s"%s,"state":"%s"}', p_before, tally.hex(p_erasure), p_after, p_to));
END
$$;

ALTER FUNCTION tally.erasure_step OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.erasure_step FROM PUBLIC;
