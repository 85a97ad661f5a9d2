-- The second way: again the whole batch is stored, or it raises TL013 (or 23505) and nothing is;
-- but with events of several parts, tenants in which somebody was erased or which are restricted,
-- and connections with a purpose. What is in the way of it, append_judged tells. Parameters as
-- those of append_plain, and
--   x_*  per further part of an event, parts of an event in order: the event's number, the part
CREATE OR REPLACE FUNCTION tally.append_batch(
    t_slots int[], t_ids uuid[], t_sizes bigint[], t_lasts bytea[], t_floors bigint[],
    t_firsts int[],
    e_tenants int[], e_ids uuid[], e_streams uuid[], e_versions int[], e_leaves bytea[],
    e_parts bytea[], x_events int[], x_parts bytea[]
) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_heads int;
    v_words text[];
BEGIN
    PERFORM tally.require_batch(
        t_slots, t_ids, t_sizes, t_lasts, t_floors, t_firsts, e_tenants, e_ids, e_streams,
        e_versions, e_leaves, e_parts);
    PERFORM tally.require_parts(
        t_slots, t_ids, t_sizes, t_lasts, t_floors, t_firsts, e_tenants, e_parts, x_events,
        x_parts);
    SELECT count(*) INTO v_heads FROM (
        SELECT FROM tally.head h WHERE h.slot = ANY (t_slots)
        ORDER BY h.slot FOR NO KEY UPDATE SKIP LOCKED) k;
    IF v_heads = cardinality(t_slots) THEN
        v_words := tally.judge_tenants(t_slots, t_slots, t_ids, t_sizes, t_lasts, t_floors);
    END IF;
    IF NOT coalesce('stored' = ALL (v_words), false) OR cardinality(
        tally.fenced_events(t_slots, e_tenants, e_parts, x_events, x_parts)) > 0
    THEN
        RAISE EXCEPTION 'something is in the way of the batch' USING ERRCODE = 'TL013';
    END IF;
    PERFORM tally.store_batch(
        tally.purposed_kind(), array_fill(true, ARRAY[cardinality(t_slots)]), t_slots, t_ids,
        t_sizes, t_lasts, t_floors, t_firsts, e_tenants, e_ids, e_streams, e_versions, e_leaves,
        e_parts, x_events, x_parts);
END
$$;

ALTER FUNCTION tally.append_batch OWNER TO tally_appender;
REVOKE ALL ON FUNCTION tally.append_batch FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.append_batch TO tally_writer;
