-- Blocks a subject's classes ('*' for all of them), or with the tag of zeros the whole tenant, and
-- suspends the keys: nothing is sealed or opened with them from here on. Gives their ids, and those
-- of keys that were suspended or destroyed before: a ledger that was restored from an older backup
-- has their ciphertext again.
CREATE OR REPLACE FUNCTION tally_keys.block_keys(
    p_tenant uuid, p_tag bytea, p_classes text[], p_at bigint
) RETURNS TABLE (key_id bytea, retention_class text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    c_all CONSTANT boolean := p_tag = decode(repeat('00', 16), 'hex');
BEGIN
    PERFORM FROM tally_keys.tenant_wrap WHERE tenant_id = p_tenant FOR UPDATE;
    INSERT INTO tally_keys.key_block (tenant_id, subject_tag, retention_class, blocked_at)
    SELECT p_tenant, p_tag, c, p_at FROM unnest(p_classes) c
    WHERE NOT EXISTS (
        SELECT FROM tally_keys.key_block b
        WHERE b.tenant_id = p_tenant AND b.subject_tag = p_tag AND b.retention_class = c
            AND b.lifted_at IS NULL)
    ON CONFLICT DO NOTHING;
    UPDATE tally_keys.key_record k SET state = 'suspended'
    WHERE k.tenant_id = p_tenant AND k.state IN ('active', 'deactivated')
        AND (c_all OR k.kind = 2 AND k.subject_tag = p_tag
            AND (k.retention_class = ANY (p_classes) OR '*' = ANY (p_classes)));
    RETURN QUERY
        SELECT k.key_id, k.retention_class FROM tally_keys.key_record k
        WHERE k.tenant_id = p_tenant AND k.state IN ('suspended', 'destroyed')
            AND (c_all OR k.kind = 2 AND k.subject_tag = p_tag
                AND (k.retention_class = ANY (p_classes) OR '*' = ANY (p_classes)))
        ORDER BY k.key_id;
END
$$;

ALTER FUNCTION tally_keys.block_keys OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.block_keys FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.block_keys TO tally_key_keeper;
