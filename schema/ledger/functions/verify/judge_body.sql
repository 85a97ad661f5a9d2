-- What is wrong with a body whose digests are not those of its leaf, some parts being excused.
CREATE OR REPLACE FUNCTION tally.judge_body(p_leaf bytea, p_body bytea, p_excused int[])
    RETURNS text
    LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
    c_count CONSTANT int := (octet_length(p_leaf) - 84) / 32;
    v_at int := 1;
    v_length int;
    v_missing boolean := false;
BEGIN
    FOR i IN 0..c_count - 1 LOOP
        IF v_at + 3 > octet_length(p_body) THEN
            RETURN 'altered body';
        END IF;
        v_length := ('x' || encode(substr(p_body, v_at, 4), 'hex'))::bit(32)::int;
        IF v_length < 0 OR v_length > octet_length(p_body) - v_at - 3 THEN
            RETURN 'altered body';
        END IF;
        IF v_length = 0 THEN
            v_missing := v_missing OR get_byte(p_leaf, 2) NOT IN (1, 10)
                OR NOT coalesce(i = ANY (p_excused), false);
        ELSIF sha256(substr(p_body, v_at + 4, v_length)) <> substr(p_leaf, 85 + 32 * i, 32) THEN
            RETURN 'altered body';
        END IF;
        v_at := v_at + 4 + v_length;
    END LOOP;
    RETURN CASE
        WHEN v_at <> octet_length(p_body) + 1 THEN 'altered body'
        WHEN v_missing THEN 'missing body'
    END;
END
$$;

ALTER FUNCTION tally.judge_body OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.judge_body FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.judge_body TO tally_auditor;
