-- The number of events recorded at or before a time: a binary search, for times rise with
-- positions.
CREATE OR REPLACE FUNCTION tally.cut_at(p_slot int, p_time bigint) RETURNS bigint
    LANGUAGE plpgsql STABLE
AS $$
DECLARE
    v_low bigint := 0;
    v_high bigint;
    v_middle bigint;
    v_leaf bytea;
BEGIN
    SELECT size INTO v_high FROM tally.head WHERE slot = p_slot;
    WHILE v_low < v_high LOOP
        v_middle := (v_low + v_high) / 2;
        SELECT leaf INTO v_leaf FROM tally.event
        WHERE slot = p_slot AND position = v_middle;
        IF v_leaf IS NULL THEN
            RAISE EXCEPTION 'event % of the log is missing', v_middle USING ERRCODE = 'TL009';
        END IF;
        IF substr(v_leaf, 28, 8) <= int8send(p_time) THEN
            v_low := v_middle + 1;
        ELSE
            v_high := v_middle;
        END IF;
    END LOOP;
    RETURN v_low;
END
$$;

ALTER FUNCTION tally.cut_at OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.cut_at FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.cut_at TO tally_reader;
