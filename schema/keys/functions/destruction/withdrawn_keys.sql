-- Keys of a tenant that neither seal nor open: suspended or destroyed.
CREATE OR REPLACE FUNCTION tally_keys.withdrawn_keys(p_tenant uuid)
    RETURNS TABLE (
        key_id bytea, is_subject boolean, subject_tag bytea, retention_class text,
        is_destroyed boolean
    )
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT k.key_id, k.kind = 2, k.subject_tag, k.retention_class, k.state = 'destroyed'
    FROM tally_keys.key_record k
    WHERE k.tenant_id = p_tenant AND k.state IN ('suspended', 'destroyed')
    ORDER BY k.key_id
$$;

ALTER FUNCTION tally_keys.withdrawn_keys OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.withdrawn_keys FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.withdrawn_keys TO tally_key_writer, tally_key_keeper;
