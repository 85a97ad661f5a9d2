-- Appends one clear event. The caller holds the lock on the tenant's head, which is read here, so
-- that whoever appends twice has nothing that the first time made old.
CREATE OR REPLACE FUNCTION tally.append_clear(p_slot int, p_kind int, p_json text)
    RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- As json the text stays as it is, but for a text that is none: it would never verify.
    c_part CONSTANT bytea := '\x00'::bytea || convert_to(p_json::json::text, 'UTF8');
    c_id CONSTANT uuid := gen_random_uuid();
    v_head tally.head;
    v_at bigint;
    v_leaf bytea;
BEGIN
    SELECT * INTO STRICT v_head FROM tally.head WHERE slot = p_slot;
    v_at := greatest(tally.now_micros(), v_head.recorded_at + 1, v_head.closed_through + 1);
    v_leaf := tally.leaf(
        p_kind, v_head.tenant_id, v_head.size, v_at, c_id, v_head.last_leaf_hash, sha256(c_part));
    INSERT INTO tally.event (slot, position, event_id, leaf, body)
    VALUES (p_slot, v_head.size, c_id, v_leaf, int4send(octet_length(c_part)) || c_part);
    UPDATE tally.head
    SET size = v_head.size + 1, last_leaf_hash = tally.leaf_hash(v_leaf), recorded_at = v_at
    WHERE slot = p_slot;
    RETURN v_head.size;
END
$$;

ALTER FUNCTION tally.append_clear OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.append_clear FROM PUBLIC;
