-- Keys by id, for readers.
CREATE OR REPLACE FUNCTION tally_keys.find_ids(p_tenant uuid, p_ids bytea[])
    RETURNS TABLE (
        key_id bytea, kind smallint, subject_tag bytea, retention_class text, generation int,
        state text, wrapped bytea
    )
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET enable_seqscan = off
AS $$
    SELECT k.key_id, k.kind, k.subject_tag, k.retention_class, k.generation, k.state, k.wrapped
    FROM unnest(p_ids) q (id)
    JOIN tally_keys.key_record k ON k.key_id = q.id AND k.tenant_id = p_tenant
$$;

ALTER FUNCTION tally_keys.find_ids OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.find_ids FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.find_ids TO tally_key_writer, tally_key_keeper;
