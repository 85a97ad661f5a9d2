-- The keys of a tenant that are not destroyed.
CREATE OR REPLACE FUNCTION tally_keys.live_keys(p_tenants uuid[])
    RETURNS TABLE (
        key_id bytea, tenant_id uuid, kind smallint, subject_tag bytea, retention_class text,
        generation int, parent_key_id bytea, state text, wrapped bytea, seals_reserved bigint,
        created_at bigint, destroyed_at bigint
    )
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT r.key_id, r.tenant_id, r.kind, r.subject_tag, r.retention_class, r.generation,
        r.parent_key_id, r.state, r.wrapped, r.seals_reserved, r.created_at, r.destroyed_at
    FROM tally_keys.key_record r
    WHERE r.tenant_id = ANY (p_tenants) AND r.state <> 'destroyed'
    ORDER BY r.tenant_id, r.kind, r.subject_tag, r.retention_class, r.generation
$$;

ALTER FUNCTION tally_keys.live_keys OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.live_keys FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.live_keys TO tally_key_keeper;
