-- Who of a tenant may get no key: subjects by their tags, and their classes.
CREATE OR REPLACE FUNCTION tally_keys.living_blocks(p_tenant uuid)
    RETURNS TABLE (subject_tag bytea, retention_class text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT b.subject_tag, b.retention_class FROM tally_keys.key_block b
    WHERE b.tenant_id = p_tenant AND b.lifted_at IS NULL
    ORDER BY b.subject_tag, b.retention_class
$$;

ALTER FUNCTION tally_keys.living_blocks OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.living_blocks FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.living_blocks TO tally_key_writer, tally_key_keeper;
