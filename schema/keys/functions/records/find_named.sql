-- The newest generation of each named key, in the order asked; no row where there is none. A
-- readmitted one was destroyed, and its subject's block was lifted: it may have a next generation.
CREATE OR REPLACE FUNCTION tally_keys.find_named(
    p_tenant uuid, p_kinds smallint[], p_tags bytea[], p_classes text[]
) RETURNS TABLE (
    ordinal int, key_id bytea, kind smallint, subject_tag bytea, retention_class text,
    generation int, state text, wrapped bytea, readmitted boolean
)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET enable_seqscan = off
AS $$
    SELECT q.o::int, k.key_id, k.kind, k.subject_tag, k.retention_class, k.generation, k.state,
        k.wrapped, k.state = 'destroyed' AND coalesce((
            SELECT bool_and(b.lifted_at IS NOT NULL) FROM tally_keys.key_block b
            WHERE b.tenant_id = p_tenant AND b.subject_tag = k.subject_tag
                AND b.retention_class IN (k.retention_class, '*')), false)
    FROM unnest(p_kinds, p_tags, p_classes) WITH ORDINALITY q (kind, tag, class, o)
    CROSS JOIN LATERAL (
        SELECT x.* FROM tally_keys.key_record x
        WHERE x.tenant_id = p_tenant AND x.kind = q.kind AND x.subject_tag = q.tag
            AND x.retention_class = q.class
        ORDER BY x.generation DESC LIMIT 1
    ) k
$$;

ALTER FUNCTION tally_keys.find_named OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.find_named FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.find_named TO tally_key_writer, tally_key_keeper;
