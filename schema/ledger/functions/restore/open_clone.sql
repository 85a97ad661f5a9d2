-- Creates the tenant into which a restore copies: frozen, so that until it is whole nobody writes
-- to it but the restore. An erasure of the source that is not finished would not know of it.
CREATE OR REPLACE FUNCTION tally.open_clone(p_slot int, p_restore uuid, p_clone jsonb) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_restore tally.restore;
    v_source tally.tenant;
    v_clone int;
BEGIN
    SELECT * INTO STRICT v_restore FROM tally.restore
    WHERE slot = p_slot AND restore_id = p_restore;
    IF EXISTS (SELECT FROM tally.erasure WHERE slot = p_slot
        AND state IN ('requested', 'approved', 'onHold', 'fenced', 'keysDestroyed'))
    THEN
        RAISE EXCEPTION 'an erasure of the tenant is not finished: run it or refuse it first'
            USING ERRCODE = 'TL010';
    END IF;
    SELECT * INTO STRICT v_source FROM tally.tenant WHERE slot = p_slot;
    v_clone := tally.add_tenant(
        v_restore.clone, decode(p_clone->>'name_tag', 'hex'),
        decode(p_clone->>'name_sealed', 'hex'), v_source.region, v_source.tenant_id,
        v_restore.cut);
    PERFORM tally.copy_owners(p_slot, v_clone);
    PERFORM tally.freeze(v_clone, p_restore, 2::smallint);
END
$$;

ALTER FUNCTION tally.open_clone OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.open_clone FROM PUBLIC;
