-- Takes back what block_keys did, because a hold came before the fence: not for keys and classes
-- that another erasure has fenced.
CREATE OR REPLACE FUNCTION tally_keys.unblock_keys(
    p_tenant uuid, p_tag bytea, p_classes text[], p_fenced_keys bytea[], p_fenced_classes text[],
    p_at bigint
) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c_all CONSTANT boolean := p_tag = decode(repeat('00', 16), 'hex');
BEGIN
    PERFORM FROM tally_keys.tenant_wrap WHERE tenant_id = p_tenant FOR UPDATE;
    UPDATE tally_keys.key_block SET lifted_at = p_at
    WHERE tenant_id = p_tenant AND subject_tag = p_tag AND retention_class = ANY (p_classes)
        AND retention_class <> ALL (p_fenced_classes) AND lifted_at IS NULL;
    UPDATE tally_keys.key_record k SET state = 'active'
    WHERE k.tenant_id = p_tenant AND k.state = 'suspended' AND k.key_id <> ALL (p_fenced_keys)
        AND (c_all OR k.kind = 2 AND k.subject_tag = p_tag
            AND (k.retention_class = ANY (p_classes) OR '*' = ANY (p_classes)));
END
$$;

ALTER FUNCTION tally_keys.unblock_keys OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.unblock_keys FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.unblock_keys TO tally_key_keeper;
