-- Destroys suspended keys of blocked subjects, and for a whole tenant its TWK too: whoever names a
-- key does not say whose it is. Gives the newest epoch that there was: no copy of the keys can be
-- opened once it and all before it are destroyed.
CREATE OR REPLACE FUNCTION tally_keys.destroy_keys(
    p_ledger uuid, p_tenant uuid, p_ids bytea[], p_whole boolean, p_at bigint
) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_epoch bigint;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('tally_keys.epoch'));
    PERFORM FROM tally_keys.tenant_wrap WHERE tenant_id = p_tenant FOR UPDATE;
    SELECT max(epoch) INTO STRICT v_epoch FROM tally_keys.key_epoch WHERE ledger_id = p_ledger;
    UPDATE tally_keys.key_record SET state = 'destroyed', wrapped = NULL, destroyed_at = p_at
    FROM (SELECT subject_tag AS tag, retention_class AS class FROM tally_keys.key_block
        WHERE tenant_id = p_tenant) b
    WHERE tenant_id = p_tenant AND state = 'suspended' AND key_id = ANY (p_ids)
        AND (b.tag = decode(repeat('00', 16), 'hex')
            OR kind = 2 AND b.tag = subject_tag AND b.class IN (retention_class, '*'));
    UPDATE tally_keys.tenant_wrap
    SET dirty_since = v_epoch, wrapped = CASE WHEN NOT p_whole THEN wrapped END
    WHERE tenant_id = p_tenant;
    RETURN v_epoch;
END
$$;

ALTER FUNCTION tally_keys.destroy_keys OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.destroy_keys FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.destroy_keys TO tally_key_keeper;
