-- The parts of events in [p_from, p_to) that may be empty: a later partsPurged lists them that
-- names earlier destructions of keys, at least one, and nothing else. Whoever damages such an event
-- loses the excuse.
CREATE OR REPLACE FUNCTION tally.excused_parts(p_slot int, p_from bigint, p_to bigint)
    RETURNS TABLE (excused_position bigint, excused_index int)
    LANGUAGE plpgsql STABLE
AS $$
DECLARE
    v_purge record;
    v_json jsonb;
BEGIN
    FOR v_purge IN
        SELECT e.position, e.body FROM tally.event e
        WHERE e.slot = p_slot AND e.position > p_from AND e.stream IS NULL
            AND get_byte(e.leaf, 2) = 7 AND tally.part_digests(e.body) = substr(e.leaf, 85)
        ORDER BY e.position
    LOOP
        BEGIN
            v_json := convert_from(substr(v_purge.body, 6), 'UTF8')::jsonb;
            CONTINUE WHEN NOT coalesce(jsonb_array_length(v_json->'destroyed') = (
                SELECT nullif(count(*), 0) FROM jsonb_array_elements(v_json->'destroyed') d
                JOIN tally.event k ON k.slot = p_slot AND k.position = d::bigint
                    AND k.position < v_purge.position AND get_byte(k.leaf, 2) = 2), false);
            RETURN QUERY
                SELECT (p->0)::bigint, (p->1)::int FROM jsonb_array_elements(v_json->'parts') p
                WHERE (p->0)::bigint >= p_from
                    AND (p->0)::bigint < least(p_to, v_purge.position);
        EXCEPTION WHEN data_exception THEN
            NULL;
        END;
    END LOOP;
END
$$;

ALTER FUNCTION tally.excused_parts OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.excused_parts FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.excused_parts TO tally_auditor;
