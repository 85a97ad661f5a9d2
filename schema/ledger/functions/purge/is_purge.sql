-- Whether one body is the other with parts under fenced keys emptied, and nothing else.
CREATE OR REPLACE FUNCTION tally.is_purge(p_slot int, p_old bytea, p_new bytea) RETURNS boolean
    LANGUAGE plpgsql STABLE
AS $$
DECLARE
    c_whole CONSTANT boolean := EXISTS (
        SELECT FROM tally.key_fence f
        WHERE f.slot = p_slot AND f.subject_tag = decode(repeat('00', 16), 'hex'));
    v_old int := 1;
    v_new int := 1;
    v_length int;
BEGIN
    WHILE v_old <= octet_length(p_old) LOOP
        v_length := ('x' || encode(substr(p_old, v_old, 4), 'hex'))::bit(32)::int;
        IF substr(p_new, v_new, 4 + v_length) = substr(p_old, v_old, 4 + v_length) THEN
            v_new := v_new + 4 + v_length;
        ELSIF v_length > 32 AND substr(p_new, v_new, 4) = '\x00000000'::bytea
            AND get_byte(p_old, v_old + 3) = 1
            AND (c_whole OR EXISTS (
                SELECT FROM tally.fenced_key f
                WHERE f.slot = p_slot AND f.key_id = substr(p_old, v_old + 5, 32)))
        THEN
            v_new := v_new + 4;
        ELSE
            RETURN false;
        END IF;
        v_old := v_old + 4 + v_length;
    END LOOP;
    RETURN v_new = octet_length(p_new) + 1;
END
$$;

ALTER FUNCTION tally.is_purge OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.is_purge FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.is_purge TO tally_purger;
