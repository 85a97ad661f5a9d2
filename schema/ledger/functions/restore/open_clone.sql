-- Creates the tenant into which a restore copies: frozen, so that until it is whole nobody writes
-- to it but the restore. An erasure of the source that is not finished would not know of it.
CREATE OR REPLACE FUNCTION tally.open_clone(p_restore uuid, p_clone jsonb) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_restore tally.restore;
BEGIN
    SELECT * INTO STRICT v_restore FROM tally.restore WHERE restore_id = p_restore;
    IF EXISTS (SELECT FROM tally.erasure WHERE tenant_id = v_restore.tenant_id
        AND state IN ('requested', 'approved', 'onHold', 'fenced', 'keysDestroyed'))
    THEN
        RAISE EXCEPTION 'an erasure of the tenant is not finished: run it or refuse it first'
            USING ERRCODE = 'TL010';
    END IF;
    PERFORM tally.add_tenant(
        v_restore.clone, decode(p_clone->>'name_tag', 'hex'),
        decode(p_clone->>'name_sealed', 'hex'), t.region, t.tenant_id, v_restore.cut)
    FROM tally.tenant t WHERE t.tenant_id = v_restore.tenant_id;
    PERFORM tally.copy_owners(v_restore.tenant_id, v_restore.clone);
    PERFORM tally.freeze(v_restore.clone, p_restore, 2::smallint);
END
$$;

ALTER FUNCTION tally.open_clone OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.open_clone FROM PUBLIC;
