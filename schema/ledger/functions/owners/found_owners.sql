-- Writes whose a new tenant's data is, right behind its genesis event: one who decides everything
-- an owner can for each key. p_quorum is how many of them a decision needs.
CREATE OR REPLACE FUNCTION tally.found_owners(
    p_slot int, p_public_keys bytea[], p_quorum int
) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_head tally.head;
    v_key bytea;
BEGIN
    SELECT * INTO v_head FROM tally.lock_head(p_slot);
    IF NOT FOUND OR v_head.size <> 1 THEN
        RAISE EXCEPTION 'owners without anybody''s decision come with the tenant alone'
            USING ERRCODE = 'TL010';
    END IF;
    IF NOT coalesce(cardinality(p_public_keys) BETWEEN 1 AND 16 AND p_quorum IN (1, 2)
        AND p_quorum <= cardinality(p_public_keys)
        AND (SELECT bool_and(octet_length(k) IN (32, 65, 98)) AND count(DISTINCT k) = count(*)
            FROM unnest(p_public_keys) k), false)
    THEN
        RAISE EXCEPTION 'owners by other than 1 to 16 keys, each once and of 32, 65 or 98 bytes, '
            'or a quorum of other than 1 or 2 of them' USING ERRCODE = 'TL001';
    END IF;
    FOREACH v_key IN ARRAY p_public_keys LOOP
        PERFORM tally.add_owner(p_slot, NULL, v_key, ARRAY[3, 4, 11]::smallint[],
            CASE WHEN v_key = p_public_keys[1] THEN p_quorum END);
    END LOOP;
END
$$;

ALTER FUNCTION tally.found_owners OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.found_owners FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.found_owners TO tally_operator;
