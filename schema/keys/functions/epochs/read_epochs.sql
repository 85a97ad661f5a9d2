-- The epochs of a ledger, in their order.
CREATE OR REPLACE FUNCTION tally_keys.read_epochs(p_ledger uuid)
    RETURNS TABLE (
        epoch bigint, provider text, state text, created_at bigint, deactivated_at bigint,
        destroyed_at bigint, assurance text, is_recorded boolean
    )
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT epoch, provider, state, created_at, deactivated_at, destroyed_at, assurance, is_recorded
    FROM tally_keys.key_epoch WHERE ledger_id = p_ledger ORDER BY epoch
$$;

ALTER FUNCTION tally_keys.read_epochs OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.read_epochs FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.read_epochs TO tally_key_writer, tally_key_keeper;
