-- Forgets what only a lost epoch's KEK could open: its wraps, and keys that nothing opens any more.
-- They are lost then, and not erased.
CREATE OR REPLACE FUNCTION tally_keys.give_up_epoch(
    p_ledger uuid, p_epoch bigint, p_at bigint, p_assurance text
) RETURNS TABLE (tenants bigint, keys bigint)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM tally_keys.key_epoch WHERE ledger_id = p_ledger ORDER BY epoch FOR UPDATE;
    DELETE FROM tally_keys.tenant_wrap WHERE epoch = p_epoch AND wrapped IS NOT NULL;
    GET DIAGNOSTICS tenants = ROW_COUNT;
    DELETE FROM tally_keys.key_record k
    WHERE state <> 'destroyed' AND NOT EXISTS (
        SELECT FROM tally_keys.tenant_wrap w
        WHERE w.tenant_id = k.tenant_id AND w.twk_id = k.parent_key_id);
    GET DIAGNOSTICS keys = ROW_COUNT;
    UPDATE tally_keys.key_epoch
    SET state = 'destroyed', destroyed_at = p_at, assurance = p_assurance
    WHERE ledger_id = p_ledger AND epoch = p_epoch AND state <> 'destroyed';
    RETURN NEXT;
END
$$;

ALTER FUNCTION tally_keys.give_up_epoch OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.give_up_epoch FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.give_up_epoch TO tally_key_keeper;
