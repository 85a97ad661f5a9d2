-- Lets an erased subject be recorded again, under new keys; the fence of the old ones stays.
CREATE OR REPLACE FUNCTION tally.readmit(p_slot int, p_request uuid, p_erasure uuid)
    RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_tag bytea;
BEGIN
    SELECT subject_tag INTO v_tag FROM tally.erasure
    WHERE slot = p_slot AND erasure_id = p_erasure
        AND subject_tag <> decode(repeat('00', 16), 'hex');
    IF NOT FOUND OR EXISTS (
        SELECT FROM tally.erasure
        WHERE slot = p_slot AND subject_tag = v_tag
            AND state NOT IN ('purged', 'epochRetired', 'final', 'refused'))
    THEN
        RAISE EXCEPTION 'no purged erasure of a subject of this tenant, or another one goes on'
            USING ERRCODE = 'TL010';
    END IF;
    UPDATE tally.key_fence SET readmitted_at = tally.now_micros()
    WHERE slot = p_slot AND subject_tag = v_tag AND readmitted_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the subject is readmitted already' USING ERRCODE = 'TL010';
    END IF;
    PERFORM tally.append_clear(p_slot, 12, format(
        '{"erasure":"%s","request":"%s"}', tally.hex(p_erasure), tally.hex(p_request)));
END
$$;

ALTER FUNCTION tally.readmit OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.readmit FROM PUBLIC;
