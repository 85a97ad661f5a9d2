-- Blocks subjects and tenants as the ledger has them fenced; a lifted block stays lifted.
CREATE OR REPLACE FUNCTION tally_keys.restore_blocks(
    p_tenants uuid[], p_tags bytea[], p_classes text[], p_blocked bigint[], p_lifted bigint[]
) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO tally_keys.key_block
    SELECT * FROM unnest(p_tenants, p_tags, p_classes, p_blocked, p_lifted)
    ON CONFLICT (tenant_id, subject_tag, retention_class, blocked_at)
        DO UPDATE SET lifted_at = excluded.lifted_at
$$;

ALTER FUNCTION tally_keys.restore_blocks OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.restore_blocks FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.restore_blocks TO tally_key_keeper;
