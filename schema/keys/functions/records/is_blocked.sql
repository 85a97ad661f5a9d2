-- Whether one of these subjects and classes is blocked, or their whole tenant.
CREATE OR REPLACE FUNCTION tally_keys.is_blocked(p_tenant uuid, p_tags bytea[], p_classes text[])
    RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM tally_keys.key_block b
        WHERE b.tenant_id = p_tenant AND b.lifted_at IS NULL
            AND (b.subject_tag = decode(repeat('00', 16), 'hex') OR EXISTS (
                SELECT FROM unnest(p_tags, p_classes) k (tag, class)
                WHERE b.subject_tag = k.tag AND b.retention_class IN (k.class, '*'))))
$$;

ALTER FUNCTION tally_keys.is_blocked OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.is_blocked FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.is_blocked TO tally_key_writer, tally_key_keeper;
