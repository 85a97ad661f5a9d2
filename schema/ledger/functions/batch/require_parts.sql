-- Requires what the forms of the append that look closer count on besides: nothing NULL of tenants,
-- events of tenants that there are, and further parts of events that there are. Parameters as those
-- of append_batch.
CREATE OR REPLACE FUNCTION tally.require_parts(
    t_slots int[], t_ids uuid[], t_sizes bigint[], t_lasts bytea[], t_floors bigint[],
    e_tenants int[], e_parts bytea[], x_events int[], x_parts bytea[]
) RETURNS void
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT coalesce(
        num_nonnulls(
            array_position(t_slots, NULL), array_position(t_ids, NULL),
            array_position(t_sizes, NULL), array_position(t_lasts, NULL),
            array_position(t_floors, NULL)) = 0
        AND 1 <= ALL (e_tenants) AND cardinality(t_slots) >= ALL (e_tenants)
        AND array_dims(x_events) IS NOT DISTINCT FROM array_dims(x_parts)
        AND coalesce(array_dims(x_events), '[1:0]') = '[1:' || cardinality(x_parts) || ']'
        AND 1 <= ALL (x_events) AND cardinality(e_parts) >= ALL (x_events), false)
    THEN
        RAISE EXCEPTION 'a batch outside its bounds' USING ERRCODE = 'TL001';
    END IF;
END
$$;

ALTER FUNCTION tally.require_parts OWNER TO tally_appender;
REVOKE ALL ON FUNCTION tally.require_parts FROM PUBLIC;
