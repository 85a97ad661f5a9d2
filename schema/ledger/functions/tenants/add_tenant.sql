-- Creates a tenant in the next slot; creations queue at slot 0's head.
CREATE OR REPLACE FUNCTION tally.add_tenant(
    p_tenant uuid, p_name_tag bytea, p_name_sealed bytea, p_region text,
    p_source uuid DEFAULT NULL, p_cut bigint DEFAULT NULL
) RETURNS int
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_slot int;
BEGIN
    PERFORM tally.lock_head(0);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the ledger was not initialised' USING ERRCODE = 'TL004';
    END IF;
    IF EXISTS (SELECT FROM tally.tenant WHERE name_tag = p_name_tag OR tenant_id = p_tenant) THEN
        RAISE EXCEPTION 'a tenant of this name exists already' USING ERRCODE = 'TL005';
    END IF;
    SELECT max(slot) + 1 INTO v_slot FROM tally.tenant;
    PERFORM tally.open_tenant(
        p_tenant, v_slot, p_name_tag, p_name_sealed, p_region, p_source, p_cut);
    RETURN v_slot;
END
$$;

ALTER FUNCTION tally.add_tenant OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.add_tenant FROM PUBLIC;
