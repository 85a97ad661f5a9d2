-- Requires what the append counts on: the arrays of a group have one length and begin at 1,
-- tenants stand in order, each with its requests together, and none is the ledger's own.
-- Parameters as those of append_lane.
CREATE OR REPLACE FUNCTION tally.require_batch(
    t_ids uuid[], t_sizes bigint[], t_lasts bytea[],
    r_tenants int[], r_ids text[], r_digests bytea[], r_counts int[],
    e_streams uuid[], e_versions int[], e_leaves bytea[],
    p_events int[], p_bytes bytea[]
) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c_tenants CONSTANT int := coalesce(cardinality(t_ids), 0);
    c_requests CONSTANT int := coalesce(cardinality(r_ids), 0);
    c_events CONSTANT int := coalesce(cardinality(e_leaves), 0);
    c_parts CONSTANT int := coalesce(cardinality(p_bytes), 0);
BEGIN
    IF NOT coalesce(
        c_events BETWEEN 1 AND 1000 AND c_parts BETWEEN c_events AND 32 * c_events
        AND '[1:' || c_tenants || ']' = ALL (ARRAY[
            array_dims(t_ids), array_dims(t_sizes), array_dims(t_lasts)])
        AND '[1:' || c_requests || ']' = ALL (ARRAY[
            array_dims(r_tenants), array_dims(r_ids), array_dims(r_digests),
            array_dims(r_counts)])
        AND '[1:' || c_events || ']' = ALL (ARRAY[
            array_dims(e_streams), array_dims(e_versions), array_dims(e_leaves)])
        AND '[1:' || c_parts || ']' = ALL (ARRAY[array_dims(p_events), array_dims(p_bytes)])
        AND num_nonnulls(
            array_position(t_ids, NULL), array_position(t_sizes, NULL),
            array_position(t_lasts, NULL), array_position(r_ids, NULL),
            array_position(r_digests, NULL)) = 0
        AND 1 <= ALL (r_counts) AND c_events = (SELECT sum(c) FROM unnest(r_counts) c)
        AND 1 <= ALL (p_events) AND c_events >= ALL (p_events)
        AND c_tenants = r_tenants[c_requests]
        AND (SELECT bool_and(coalesce(r.this IN (r.before, r.before + 1), false))
            FROM unnest(r_tenants, 0 || r_tenants[:c_requests - 1])
                r (this, before))
        AND r_tenants[1] = 1, false)
    THEN
        RAISE EXCEPTION 'a batch outside its bounds' USING ERRCODE = 'TL001';
    END IF;
    IF t_ids @> ARRAY(SELECT t.tenant_id FROM tally.tenant t WHERE t.slot = 0) THEN
        RAISE EXCEPTION 'the ledger''s own log takes no events of callers'
            USING ERRCODE = 'TL008';
    END IF;
END
$$;

ALTER FUNCTION tally.require_batch OWNER TO tally_appender;
REVOKE ALL ON FUNCTION tally.require_batch FROM PUBLIC;
