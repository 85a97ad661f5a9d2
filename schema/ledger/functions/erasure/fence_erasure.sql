-- Fences an approved erasure: from this event on nothing is stored that was sealed under these
-- keys. The caller has blocked the subject in the key store before it asked for the ids. A key that
-- an earlier erasure has fenced stays that one's. Gives the state.
CREATE OR REPLACE FUNCTION tally.fence_erasure(p_slot int, p_erasure uuid, p_keys bytea[])
    RETURNS text
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_erasure tally.erasure;
    v_state CONSTANT text := tally.check_hold(p_slot, p_erasure);
    v_keys bigint;
    v_position bigint;
BEGIN
    IF p_keys IS NULL OR EXISTS (
        SELECT FROM unnest(p_keys) k WHERE octet_length(k) IS DISTINCT FROM 32)
    THEN
        RAISE EXCEPTION 'a fence without a list of keys, each of 32 bytes' USING ERRCODE = 'TL001';
    END IF;
    IF v_state <> 'approved' THEN
        RETURN v_state;
    END IF;
    IF NOT tally.is_approved(p_slot, p_erasure) THEN
        RAISE EXCEPTION 'the approval has expired: another operator must sign again'
            USING ERRCODE = 'TL011';
    END IF;
    SELECT * INTO STRICT v_erasure FROM tally.erasure
    WHERE slot = p_slot AND erasure_id = p_erasure;
    IF v_erasure.not_before > tally.now_micros() THEN
        RAISE EXCEPTION 'an owner may still refuse this erasure' USING ERRCODE = 'TL010';
    END IF;
    INSERT INTO tally.fenced_key (slot, key_id, erasure_id)
    SELECT p_slot, k, p_erasure FROM unnest(p_keys) k ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS v_keys = ROW_COUNT;
    v_position := tally.erasure_step(p_slot, p_erasure, ARRAY['approved', 'onHold'], 'fenced',
        p_after => format(',"keys":%s', v_keys));
    INSERT INTO tally.key_fence (
        slot, subject_tag, retention_class, erasure_id, position, fenced_at)
    SELECT p_slot, v_erasure.subject_tag, c, p_erasure, v_position, tally.now_micros()
    FROM unnest(v_erasure.classes) c;
    UPDATE tally.erasure SET fenced_at = tally.now_micros(), fence_position = v_position
    WHERE slot = p_slot AND erasure_id = p_erasure;
    IF v_erasure.subject_tag = decode(repeat('00', 16), 'hex') THEN
        PERFORM tally.append_clear(
            p_slot, 13, format('{"erasure":"%s"}', tally.hex(p_erasure)));
        UPDATE tally.head SET state = 2 WHERE slot = p_slot;
    END IF;
    RETURN 'fenced';
END
$$;

ALTER FUNCTION tally.fence_erasure OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.fence_erasure FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.fence_erasure TO tally_executor;
