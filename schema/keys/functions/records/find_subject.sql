-- All keys of a subject, in the order of classes and generations.
CREATE OR REPLACE FUNCTION tally_keys.find_subject(p_tenant uuid, p_tag bytea)
    RETURNS TABLE (
        key_id bytea, kind smallint, subject_tag bytea, retention_class text, generation int,
        state text, wrapped bytea
    )
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT key_id, kind, subject_tag, retention_class, generation, state, wrapped
    FROM tally_keys.key_record
    WHERE tenant_id = p_tenant AND kind = 2 AND subject_tag = p_tag
    ORDER BY retention_class COLLATE "C", generation
$$;

ALTER FUNCTION tally_keys.find_subject OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.find_subject FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.find_subject TO tally_key_writer, tally_key_keeper;
