-- Records that the fenced keys are destroyed: their ids, which come from the fence and from nobody
-- else, at most 1,000 an event.
CREATE OR REPLACE FUNCTION tally.record_destruction(p_slot int, p_erasure uuid, p_epoch bigint)
    RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_erasure tally.erasure;
    v_keys text;
    v_positions bigint[] := '{}';
BEGIN
    PERFORM tally.lock_erasure(p_slot, p_erasure);
    SELECT * INTO STRICT v_erasure FROM tally.erasure
    WHERE slot = p_slot AND erasure_id = p_erasure;
    IF NOT tally.is_epoch(p_epoch) THEN
        RAISE EXCEPTION 'an epoch that cannot be' USING ERRCODE = 'TL001';
    END IF;
    IF tally.erasure_step(p_slot, p_erasure, ARRAY['fenced'], 'keysDestroyed',
        p_before => format('"epoch":%s,', p_epoch)) IS NULL
    THEN
        RETURN;
    END IF;
    FOR v_keys IN
        SELECT string_agg(tally.quoted(key_id), ',' ORDER BY key_id) FROM (
            SELECT key_id, row_number() OVER (ORDER BY key_id) - 1 AS n
            FROM tally.fenced_key WHERE slot = p_slot AND erasure_id = p_erasure) k
        GROUP BY n / 1000 ORDER BY n / 1000
    LOOP
        v_positions := v_positions || tally.append_clear(p_slot, 2, format(
            '{"erasure":"%s","keys":[%s]}', tally.hex(p_erasure), v_keys));
    END LOOP;
    -- What was sealed for those who decided is not kept under the tenant's key.
    UPDATE tally.request SET subject_sealed = NULL
    WHERE slot = p_slot AND subject_sealed IS NOT NULL
        AND convert_from(plan, 'UTF8')::jsonb->>'subject_tag'
            = encode(v_erasure.subject_tag, 'hex');
    UPDATE tally.erasure SET destroyed_at = tally.now_micros(), destroyed_epoch = p_epoch,
        destroyed_positions = v_positions
    WHERE slot = p_slot AND erasure_id = p_erasure;
END
$$;

ALTER FUNCTION tally.record_destruction OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.record_destruction FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.record_destruction TO tally_executor;
