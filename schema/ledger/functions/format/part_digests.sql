-- The digests of the parts in a body, joined; NULL when its lengths do not add up.
CREATE OR REPLACE FUNCTION tally.part_digests(p_body bytea) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    v_at int := 1;
    v_length int;
    v_digests bytea := '';
BEGIN
    WHILE v_at <= octet_length(p_body) LOOP
        v_length := ('x' || encode(substr(p_body, v_at, 4), 'hex'))::bit(32)::int;
        IF v_length < 0 OR v_length > octet_length(p_body) - v_at - 3 THEN
            RETURN NULL;
        END IF;
        v_digests := v_digests || sha256(substr(p_body, v_at + 4, v_length));
        v_at := v_at + 4 + v_length;
    END LOOP;
    RETURN v_digests;
END
$$;

ALTER FUNCTION tally.part_digests OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.part_digests FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.part_digests TO
    tally_appender, tally_ledgerkinds, tally_writer, tally_operator, tally_reader,
    tally_auditor;
