-- The ownership that this copy took last (0: none), and where it is.
CREATE OR REPLACE FUNCTION tally_keys.find_owner(p_ledger uuid)
    RETURNS TABLE (ordinal bigint, place text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce((SELECT o.ordinal FROM tally_keys.key_owner o WHERE ledger_id = p_ledger), 0),
        tally_keys.place()
$$;

ALTER FUNCTION tally_keys.find_owner OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.find_owner FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.find_owner TO tally_key_keeper;
