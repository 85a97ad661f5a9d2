-- Empties the parts of some events that lie under the keys of an erasure whose destruction is
-- recorded, under the lock of the tenant's head. Positions are taken in order until more than
-- 10,000 parts would be emptied. Gives how many positions were taken, and which parts are empty
-- now, as JSON.
CREATE OR REPLACE FUNCTION tally.empty_parts(
    p_slot int, p_erasure uuid, p_positions bigint[], OUT taken bigint, OUT emptied text[]
)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET enable_seqscan = off
AS $$
DECLARE
    c_most CONSTANT int := 10000;
    v_whole boolean;
    v_event record;
BEGIN
    -- Without a destruction to name, an event would excuse nothing: then nothing is emptied.
    SELECT subject_tag = decode(repeat('00', 16), 'hex')
        AND cardinality(destroyed_positions) > 0
    INTO v_whole
    FROM tally.erasure
    WHERE slot = p_slot AND erasure_id = p_erasure AND state = 'keysDestroyed'
        AND purged_at IS NULL;
    EXECUTE format('SET LOCAL tally.slot = %L', CASE WHEN FOUND THEN p_slot::text ELSE '' END);
    taken := 0;
    emptied := '{}';
    FOR v_event IN
        SELECT e.position, b.body, b.parts FROM tally.event e
        CROSS JOIN LATERAL tally.purge_body(p_slot, p_erasure, v_whole, e.body) b
        WHERE e.slot = p_slot AND e.position = ANY (p_positions)
        ORDER BY e.position
    LOOP
        EXIT WHEN cardinality(emptied) + cardinality(v_event.parts) > c_most;
        taken := taken + 1;
        CONTINUE WHEN cardinality(v_event.parts) = 0;
        UPDATE tally.event e SET body = v_event.body
        WHERE e.slot = p_slot AND e.position = v_event.position;
        emptied := emptied || ARRAY(
            SELECT format('[%s,%s]', v_event.position, i) FROM unnest(v_event.parts) i);
    END LOOP;
END
$$;

ALTER FUNCTION tally.empty_parts OWNER TO tally_purger;
REVOKE ALL ON FUNCTION tally.empty_parts FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.empty_parts TO tally_ledgerkinds;
