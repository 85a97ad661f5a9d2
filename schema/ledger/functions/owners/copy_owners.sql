-- Writes that a clone's data is whose its source's is, right behind its genesis event; the caller
-- holds the clone's head.
CREATE OR REPLACE FUNCTION tally.copy_owners(p_source int, p_clone int) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_owner tally.owner;
    v_is_first boolean := true;
BEGIN
    FOR v_owner IN
        SELECT * FROM tally.owner WHERE slot = p_source AND ended_at IS NULL
        ORDER BY added_at, owner_id
    LOOP
        PERFORM tally.add_owner(p_clone, NULL, v_owner.public_key, v_owner.actions,
            CASE WHEN v_is_first THEN v_owner.quorum END);
        v_is_first := false;
    END LOOP;
END
$$;

ALTER FUNCTION tally.copy_owners OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.copy_owners FROM PUBLIC;
