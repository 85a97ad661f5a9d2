-- Creates a tenant's row, head and genesis event; of a clone it says where it comes from. The
-- caller has serialised slots.
CREATE OR REPLACE FUNCTION tally.open_tenant(
    p_tenant uuid, p_slot int, p_name_tag bytea, p_name_sealed bytea, p_region text,
    p_source uuid DEFAULT NULL, p_cut bigint DEFAULT NULL
) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c_name CONSTANT text := encode(sha256(p_name_tag || p_name_sealed), 'hex');
    v_ledger uuid;
BEGIN
    IF NOT coalesce(p_tenant IS NOT NULL AND p_region ~ '^[a-z0-9-]{0,63}$'
        AND octet_length(p_name_tag) = 16 AND octet_length(p_name_sealed) BETWEEN 1 AND 1024, false)
    THEN
        RAISE EXCEPTION
            'a region of other than a-z, 0-9 and -, a tag of other than 16 bytes, or no sealed name'
            USING ERRCODE = 'TL001';
    END IF;
    SELECT ledger_id INTO STRICT v_ledger FROM tally.ledger;
    INSERT INTO tally.tenant (tenant_id, slot, name_tag, name_sealed, region, created_at, source)
    VALUES (p_tenant, p_slot, p_name_tag, p_name_sealed, p_region, tally.now_micros(), p_source);
    INSERT INTO tally.head
    VALUES (p_slot, p_tenant, 0, tally.genesis_previous(v_ledger, p_tenant, p_slot), 0, 0, 0);
    PERFORM tally.append_clear(p_slot, 0, format('{"name":"%s","region":"%s","slot":%s%s}',
        c_name, p_region, p_slot, (
            SELECT format(',"source":{"cut":%s,"leaf_hash":"%s","tenant":"%s"}', p_cut,
                encode(tally.leaf_hash(e.leaf), 'hex'), tally.hex(p_source))
            FROM tally.event e JOIN tally.tenant t USING (slot)
            WHERE t.tenant_id = p_source AND e.position = p_cut - 1)));
END
$$;

ALTER FUNCTION tally.open_tenant OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.open_tenant FROM PUBLIC;
