-- Lets a clone that is whole be used, as far as its source may be: a restriction goes with the
-- data.
CREATE OR REPLACE FUNCTION tally.release_clone(p_restore uuid, p_source_state smallint)
    RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_restore tally.restore;
BEGIN
    SELECT * INTO STRICT v_restore FROM tally.restore WHERE restore_id = p_restore;
    IF p_source_state = 0 THEN
        PERFORM tally.thaw(v_restore.clone, p_restore);
    ELSE
        PERFORM tally.freeze(v_restore.clone, p_restore, (
            SELECT level FROM tally.restriction WHERE tenant_id = v_restore.tenant_id));
    END IF;
END
$$;

ALTER FUNCTION tally.release_clone OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.release_clone FROM PUBLIC;
