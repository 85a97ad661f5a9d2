-- Records that an epoch's KEK was destroyed, once: slot 0 has the receipt, and every erasure that
-- waited for this epoch as the last one goes on. Gives the event's position.
CREATE OR REPLACE FUNCTION tally.record_epoch(
    p_epoch bigint, p_provider text, p_destroyed_at bigint, p_assurance text
) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_position bigint;
BEGIN
    -- The clocks of those who hold keys may be wrong by a day.
    IF NOT coalesce(tally.is_epoch(p_epoch)
        AND p_destroyed_at BETWEEN (SELECT created_at FROM tally.ledger) - 86400 * 1000000::bigint
            AND tally.now_micros() + 86400 * 1000000::bigint
        AND octet_length(p_provider) BETWEEN 1 AND 255 AND octet_length(p_assurance) <= 4096, false)
    THEN
        RAISE EXCEPTION 'a receipt of an epoch or a time that cannot be' USING ERRCODE = 'TL001';
    END IF;
    PERFORM tally.lock_head(0);
    SELECT position INTO v_position FROM tally.epoch_receipt WHERE epoch = p_epoch;
    IF FOUND THEN
        RETURN v_position;
    END IF;
    v_position := tally.append_clear(0, 15, format(
        '{"action":"destroyEpoch","assurance":%s,"destroyed_at":%s,"epoch":%s,"provider":%s}',
        to_json(p_assurance), p_destroyed_at, p_epoch, to_json(p_provider)));
    INSERT INTO tally.epoch_receipt VALUES (p_epoch, v_position);
    RETURN v_position;
END
$$;

ALTER FUNCTION tally.record_epoch OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.record_epoch FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.record_epoch TO tally_executor;
