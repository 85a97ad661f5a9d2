-- Stores new keys of one tenant where there are none yet. The caller holds the wrap and reads
-- back with find_named: a key that another process stored first is the one that counts.
-- Gives the ids that were stored; a blocked subject's are not.
CREATE OR REPLACE FUNCTION tally_keys.create_keys(
    p_tenant uuid, p_parent bytea, p_created_at bigint, p_ids bytea[], p_kinds smallint[],
    p_tags bytea[], p_classes text[], p_generations int[], p_wrapped bytea[]
) RETURNS SETOF bytea
    LANGUAGE sql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO tally_keys.key_record (
        key_id, tenant_id, kind, subject_tag, retention_class, generation, parent_key_id,
        state, wrapped, created_at)
    SELECT k.id, p_tenant, k.kind, k.tag, k.class, k.generation, p_parent, 'active', k.wrapped,
        p_created_at
    FROM unnest(p_ids, p_kinds, p_tags, p_classes, p_generations, p_wrapped)
        k (id, kind, tag, class, generation, wrapped)
    WHERE NOT EXISTS (
        SELECT FROM tally_keys.key_block b
        WHERE b.tenant_id = p_tenant AND b.lifted_at IS NULL
            AND (b.subject_tag = decode(repeat('00', 16), 'hex')
                OR b.subject_tag = k.tag AND b.retention_class IN (k.class, '*')))
    ORDER BY k.kind, k.tag, k.class
    ON CONFLICT DO NOTHING
    RETURNING key_id
$$;

ALTER FUNCTION tally_keys.create_keys OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.create_keys FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.create_keys TO tally_key_writer, tally_key_keeper;
