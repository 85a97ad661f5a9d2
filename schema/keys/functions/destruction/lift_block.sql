-- Ends the blocks of a subject who was readmitted: the next key is of the next generation.
CREATE OR REPLACE FUNCTION tally_keys.lift_block(p_tenant uuid, p_tag bytea, p_at bigint)
    RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM tally_keys.tenant_wrap WHERE tenant_id = p_tenant FOR UPDATE;
    UPDATE tally_keys.key_block SET lifted_at = p_at
    WHERE tenant_id = p_tenant AND subject_tag = p_tag AND lifted_at IS NULL;
END
$$;

ALTER FUNCTION tally_keys.lift_block OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.lift_block FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.lift_block TO tally_key_keeper;
