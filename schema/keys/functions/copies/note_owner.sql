-- Notes that this copy took the ownership.
CREATE OR REPLACE FUNCTION tally_keys.note_owner(p_ledger uuid, p_ordinal bigint, p_at bigint)
    RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO tally_keys.key_owner AS o VALUES (p_ledger, p_ordinal, p_at)
    ON CONFLICT (ledger_id) DO UPDATE SET ordinal = excluded.ordinal, taken_at = excluded.taken_at
$$;

ALTER FUNCTION tally_keys.note_owner OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.note_owner FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.note_owner TO tally_key_keeper;
