-- Suspends what the ledger has fenced and not destroyed yet, and all keys of who may have none, and
-- destroys again what its log says is destroyed: keys by id, or of subjects and classes. Marks
-- those tenants, because the TWK in the journals could open what they still hold of the destroyed
-- keys. Gives how many of the tenant's keys neither seal nor open because of it.
CREATE OR REPLACE FUNCTION tally_keys.restore_destruction(
    p_ledger uuid, p_tenant uuid, p_fenced bytea[], p_all_fenced boolean, p_destroyed bytea[],
    p_all_destroyed boolean, p_tags bytea[], p_classes text[], p_at bigint
) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c_ids CONSTANT bytea[] := ARRAY(
        SELECT key_id FROM tally_keys.key_record k
        WHERE tenant_id = p_tenant AND state <> 'destroyed'
            AND (p_all_fenced OR p_all_destroyed OR EXISTS (
                SELECT FROM tally_keys.key_block b
                WHERE b.tenant_id = p_tenant AND b.subject_tag = k.subject_tag
                    AND b.retention_class IN (k.retention_class, '*')
                    AND (b.lifted_at IS NULL OR key_id = ANY (p_fenced || p_destroyed)))));
BEGIN
    UPDATE tally_keys.key_record SET state = 'suspended'
    WHERE key_id = ANY (c_ids) AND state IN ('active', 'deactivated');
    IF p_all_destroyed OR cardinality(p_destroyed) > 0 THEN
        PERFORM tally_keys.destroy_keys(
            p_ledger, p_tenant, ARRAY(
                SELECT key_id FROM tally_keys.key_record k
                WHERE key_id = ANY (c_ids) AND (p_all_destroyed OR key_id = ANY (p_destroyed)
                    OR EXISTS (
                        SELECT FROM unnest(p_tags, p_classes) f (tag, class)
                        WHERE f.tag = k.subject_tag AND f.class IN (k.retention_class, '*')))),
            p_all_destroyed, p_at);
    END IF;
    RETURN cardinality(c_ids);
END
$$;

ALTER FUNCTION tally_keys.restore_destruction OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.restore_destruction FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.restore_destruction TO tally_key_keeper;
