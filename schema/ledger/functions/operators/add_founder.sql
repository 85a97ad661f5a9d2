-- Adds an operator whom no approval is needed for: those of the first two people, or any where one
-- person decides alone. The id is the first half of the key's SHA-256; p_person is the person's
-- first key, NULL for that one itself.
CREATE OR REPLACE FUNCTION tally.add_founder(p_public_key bytea, p_person uuid) RETURNS uuid
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tally.lock_head(0);
    IF NOT (tally.is_founding() OR tally.has_single_operator()) THEN
        RAISE EXCEPTION 'a change of operators needs the approval of another one'
            USING ERRCODE = 'TL011';
    END IF;
    RETURN tally.add_operator(0, NULL, p_public_key, p_person);
END
$$;

ALTER FUNCTION tally.add_founder OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.add_founder FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.add_founder TO tally_operator;
