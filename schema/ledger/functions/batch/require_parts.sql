-- Requires what the forms of the append that look closer count on besides: nothing NULL; events
-- that stand in their tenant's range, and ranges that are not empty and follow each other; and
-- further parts of events that there are. Parameters as those of append_batch.
CREATE OR REPLACE FUNCTION tally.require_parts(
    t_slots int[], t_ids uuid[], t_sizes bigint[], t_lasts bytea[], t_floors bigint[],
    t_firsts int[], e_tenants int[], e_parts bytea[], x_events int[], x_parts bytea[]
) RETURNS void
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c_events CONSTANT int := cardinality(e_tenants);
BEGIN
    IF NOT coalesce(
        num_nonnulls(
            array_position(t_slots, NULL), array_position(t_ids, NULL),
            array_position(t_sizes, NULL), array_position(t_lasts, NULL),
            array_position(t_floors, NULL)) = 0
        AND NOT EXISTS (SELECT FROM unnest(x_parts) p WHERE p IS NULL)
        AND t_firsts[1] = 1 AND t_firsts[cardinality(t_firsts)] = c_events + 1
        AND (SELECT bool_and(t.first < t.next)
            FROM unnest(t_firsts[:cardinality(t_slots)], t_firsts[2:]) t (first, next))
        AND (SELECT bool_and(coalesce(e.o >= t_firsts[e.q] AND e.o < t_firsts[e.q + 1], false))
            FROM unnest(e_tenants) WITH ORDINALITY e (q, o))
        AND array_dims(x_events) IS NOT DISTINCT FROM array_dims(x_parts)
        AND coalesce(array_dims(x_events), '[1:0]') = '[1:' || cardinality(x_parts) || ']'
        AND 1 <= ALL (x_events) AND c_events >= ALL (x_events), false)
    THEN
        RAISE EXCEPTION 'a batch outside its bounds' USING ERRCODE = 'TL001';
    END IF;
END
$$;

ALTER FUNCTION tally.require_parts OWNER TO tally_appender;
REVOKE ALL ON FUNCTION tally.require_parts FROM PUBLIC;
