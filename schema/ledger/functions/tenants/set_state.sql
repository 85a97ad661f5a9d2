-- Moves a tenant between active and frozen; gives the event's position, NULL if it was so already.
CREATE OR REPLACE FUNCTION tally.set_state(p_slot int, p_state smallint, p_kind int, p_json text)
    RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_head tally.head;
    v_position bigint;
BEGIN
    SELECT * INTO v_head FROM tally.lock_head(p_slot);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such tenant' USING ERRCODE = 'TL004';
    END IF;
    IF p_slot = 0 THEN
        RAISE EXCEPTION 'the ledger''s own tenant is never frozen' USING ERRCODE = 'TL008';
    END IF;
    IF v_head.state = 2 THEN
        RAISE EXCEPTION 'the tenant is erased' USING ERRCODE = 'TL006';
    END IF;
    IF p_json IS NULL OR p_json LIKE '%""%' THEN
        RAISE EXCEPTION 'a restriction without the id of its request' USING ERRCODE = 'TL001';
    END IF;
    IF v_head.state <> p_state THEN
        v_position := tally.append_clear(p_slot, p_kind, p_json);
        UPDATE tally.head SET state = p_state WHERE slot = p_slot;
    END IF;
    RETURN v_position;
END
$$;

ALTER FUNCTION tally.set_state OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.set_state FROM PUBLIC;
