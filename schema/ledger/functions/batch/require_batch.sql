-- Requires what every form of the append counts on: READ COMMITTED; as many events as a batch may
-- have; arrays of one length each, counted from 1; and nothing for the ledger's own log. Parameters
-- as those of append_plain.
CREATE OR REPLACE FUNCTION tally.require_batch(
    t_slots int[], t_ids uuid[], t_sizes bigint[], t_lasts bytea[], t_floors bigint[],
    t_firsts int[],
    e_tenants int[], e_ids uuid[], e_streams uuid[], e_versions int[], e_leaves bytea[],
    e_parts bytea[]
) RETURNS void
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c_tenants CONSTANT int := cardinality(t_slots);
    c_events CONSTANT int := cardinality(e_leaves);
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'append needs READ COMMITTED' USING ERRCODE = 'TL003';
    END IF;
    IF NOT coalesce(c_events BETWEEN 1 AND 1000
        AND '[1:' || c_tenants || ']' = ALL (ARRAY[
            array_dims(t_slots), array_dims(t_ids), array_dims(t_sizes), array_dims(t_lasts),
            array_dims(t_floors)])
        AND array_dims(t_firsts) = '[1:' || c_tenants + 1 || ']' AND 1 <= ALL (t_firsts)
        AND '[1:' || c_events || ']' = ALL (ARRAY[
            array_dims(e_tenants), array_dims(e_ids), array_dims(e_streams),
            array_dims(e_versions), array_dims(e_leaves), array_dims(e_parts)]), false)
    THEN
        RAISE EXCEPTION 'a batch outside its bounds' USING ERRCODE = 'TL001';
    END IF;
    IF 0 = ANY (t_slots) THEN
        RAISE EXCEPTION 'the ledger''s own log takes no events of callers'
            USING ERRCODE = 'TL008';
    END IF;
END
$$;

ALTER FUNCTION tally.require_batch OWNER TO tally_appender;
REVOKE ALL ON FUNCTION tally.require_batch FROM PUBLIC;
