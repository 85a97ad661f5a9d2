-- Refuses a key that no operator can have, or somebody had already: who is asked to sign for it
-- sees that first. p_person is the person's first key, NULL for that one itself.
CREATE OR REPLACE FUNCTION tally.check_operator_key(p_public_key bytea, p_person uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT coalesce(octet_length(p_public_key) IN (32, 65, 98), false) THEN
        RAISE EXCEPTION 'a public key of other than 32, 65 or 98 bytes' USING ERRCODE = 'TL001';
    END IF;
    IF p_person IS NOT NULL AND NOT EXISTS (
        SELECT FROM tally.operator WHERE operator_id = p_person AND person = p_person)
    THEN
        RAISE EXCEPTION 'no operator has that first key' USING ERRCODE = 'TL004';
    END IF;
    IF EXISTS (SELECT FROM tally.operator
        WHERE operator_id = encode(substr(sha256(p_public_key), 1, 16), 'hex')::uuid)
    THEN
        RAISE EXCEPTION 'this key is or was an operator''s' USING ERRCODE = 'TL005';
    END IF;
END
$$;

ALTER FUNCTION tally.check_operator_key OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.check_operator_key FROM PUBLIC;
