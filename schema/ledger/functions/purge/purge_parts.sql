-- Empties parts and appends the event that lists them. Gives how many positions were taken, and how
-- many parts emptied.
CREATE OR REPLACE FUNCTION tally.purge_parts(p_slot int, p_erasure uuid, p_positions bigint[])
    RETURNS TABLE (taken bigint, purged bigint)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_erasure tally.erasure;
    v_parts text[];
BEGIN
    SELECT * INTO v_erasure FROM tally.erasure
    WHERE slot = p_slot AND erasure_id = p_erasure AND state = 'keysDestroyed'
        AND purged_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no erasure of that id whose keys are destroyed and whose parts are not'
            USING ERRCODE = 'TL004';
    END IF;
    PERFORM tally.lock_head(v_erasure.slot);
    SELECT e.taken, e.emptied INTO taken, v_parts
    FROM tally.empty_parts(p_slot, p_erasure, p_positions) e;
    purged := cardinality(v_parts);
    IF purged > 0 THEN
        PERFORM tally.append_clear(v_erasure.slot, 7, format(
            '{"destroyed":[%s],"parts":[%s]}',
            array_to_string(v_erasure.destroyed_positions, ','), array_to_string(v_parts, ',')));
        UPDATE tally.erasure SET purged_parts = purged_parts + purged
        WHERE slot = p_slot AND erasure_id = p_erasure;
    END IF;
    RETURN NEXT;
END
$$;

ALTER FUNCTION tally.purge_parts OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.purge_parts FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.purge_parts TO tally_executor;
