-- Restricts processing (GDPR Art. 18) until thaw(); called again with another level it changes the
-- level.
CREATE OR REPLACE FUNCTION tally.freeze(p_slot int, p_request uuid, p_level smallint)
    RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_json CONSTANT text := format(
        '{"level":%s,"request":"%s"}', p_level, encode(uuid_send(p_request), 'hex'));
    v_position bigint;
BEGIN
    IF NOT coalesce(p_level IN (1, 2), false) THEN
        RAISE EXCEPTION 'a restriction of another level than 1 or 2' USING ERRCODE = 'TL001';
    END IF;
    v_position := tally.set_state(p_slot, 1::smallint, 5, v_json);
    IF v_position IS NULL AND p_level IS DISTINCT FROM (
        SELECT level FROM tally.restriction WHERE slot = p_slot)
    THEN
        v_position := tally.append_clear(p_slot, 5, v_json);
    END IF;
    INSERT INTO tally.restriction (slot, level) VALUES (p_slot, p_level)
    ON CONFLICT (slot) DO UPDATE SET level = p_level;
    RETURN v_position;
END
$$;

ALTER FUNCTION tally.freeze OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.freeze FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.freeze TO tally_operator;
