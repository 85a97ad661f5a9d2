-- Lets a clone that is whole be used, as far as its source may be: a restriction goes with the
-- data.
CREATE OR REPLACE FUNCTION tally.release_clone(p_slot int, p_restore uuid, p_source_state smallint)
    RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_clone int;
BEGIN
    SELECT t.slot INTO STRICT v_clone FROM tally.restore r
    JOIN tally.tenant t ON t.tenant_id = r.clone
    WHERE r.slot = p_slot AND r.restore_id = p_restore;
    IF p_source_state = 0 THEN
        PERFORM tally.thaw(v_clone, p_restore);
    ELSE
        PERFORM tally.freeze(v_clone, p_restore, (
            SELECT level FROM tally.restriction WHERE slot = p_slot));
    END IF;
END
$$;

ALTER FUNCTION tally.release_clone OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.release_clone FROM PUBLIC;
