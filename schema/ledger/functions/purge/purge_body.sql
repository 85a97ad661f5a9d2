-- A body without the parts under fenced keys, and their indexes; under the fence of a whole tenant
-- without any sealed part.
CREATE OR REPLACE FUNCTION tally.purge_body(
    p_slot int, p_erasure uuid, p_whole boolean, p_body bytea, OUT body bytea, OUT parts int[]
)
    LANGUAGE plpgsql STABLE
AS $$
DECLARE
    v_at int := 1;
    v_length int;
    v_index int := 0;
BEGIN
    body := '';
    parts := '{}';
    WHILE v_at <= octet_length(p_body) LOOP
        v_length := ('x' || encode(substr(p_body, v_at, 4), 'hex'))::bit(32)::int;
        IF v_length < 0 OR v_length > octet_length(p_body) - v_at - 3 THEN
            RAISE EXCEPTION 'a body that is not in the format' USING ERRCODE = 'TL009';
        END IF;
        IF v_length > 32 AND get_byte(p_body, v_at + 3) = 1 AND (p_whole OR EXISTS (
            SELECT FROM tally.fenced_key f
            WHERE f.slot = p_slot AND f.erasure_id = p_erasure
                AND f.key_id = substr(p_body, v_at + 5, 32)))
        THEN
            body := body || '\x00000000'::bytea;
            parts := parts || v_index;
        ELSE
            body := body || substr(p_body, v_at, 4 + v_length);
        END IF;
        v_at := v_at + 4 + v_length;
        v_index := v_index + 1;
    END LOOP;
END
$$;

ALTER FUNCTION tally.purge_body OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.purge_body FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.purge_body TO tally_ledgerkinds, tally_purger;
