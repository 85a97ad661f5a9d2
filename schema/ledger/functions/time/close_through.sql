-- Promises that nothing will be recorded at or before a time that has passed.
CREATE OR REPLACE FUNCTION tally.close_through(p_slot int, p_time bigint) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_head tally.head;
BEGIN
    SELECT * INTO v_head FROM tally.lock_head(p_slot);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such tenant' USING ERRCODE = 'TL004';
    END IF;
    IF p_time > tally.now_micros() THEN
        RAISE EXCEPTION 'a time that has not passed cannot be closed' USING ERRCODE = 'TL001';
    END IF;
    IF p_time > greatest(v_head.recorded_at, v_head.closed_through) THEN
        UPDATE tally.head SET closed_through = p_time WHERE slot = p_slot;
    END IF;
END
$$;

ALTER FUNCTION tally.close_through OWNER TO tally_appender;
REVOKE ALL ON FUNCTION tally.close_through FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.close_through TO tally_reader;
