-- The first and fastest of three ways to append, for what nearly all batches are: events of one
-- part, of tenants that nobody restricts and in which nobody was erased. All of it is stored and
-- nothing is given back, or it raises TL013 (or 23505, where an id is taken) and nothing is stored:
-- then append_batch looks closer. Parameters, as parallel arrays:
--   t_*  per tenant, each once, in the order of slots: its id; the head that the batch was built on
--        as size, last leaf hash and time that every new event is later than; the number of its
--        first event, from 1, with the end of all behind the last
--   e_*  per event, those of a tenant together and in order: the number of its tenant, id, stream
--        tag, version, leaf, sealed part
-- Each leaf is built again from its columns and compared whole, so that no column lies; what is
-- NULL, or not as many as it should be, makes a row fail, and rows are counted.
CREATE OR REPLACE FUNCTION tally.append_plain(
    t_slots int[], t_ids uuid[], t_sizes bigint[], t_lasts bytea[], t_floors bigint[],
    t_firsts int[],
    e_tenants int[], e_ids uuid[], e_streams uuid[], e_versions int[], e_leaves bytea[],
    e_parts bytea[]
) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c_tenants CONSTANT int := cardinality(t_slots);
    c_events CONSTANT int := cardinality(e_leaves);
    c_latest CONSTANT bytea := int8send(tally.now_micros() + 2000000);
    v_count int;
BEGIN
    PERFORM tally.require_batch(
        t_slots, t_ids, t_sizes, t_lasts, t_floors, t_firsts, e_tenants, e_ids, e_streams,
        e_versions, e_leaves, e_parts);
    SELECT count(*) INTO v_count FROM (
        SELECT FROM tally.head h WHERE h.slot = ANY (t_slots)
        ORDER BY h.slot FOR NO KEY UPDATE SKIP LOCKED) k;
    IF v_count <> c_tenants OR coalesce(current_setting('tally.purpose', true), '') <> ''
        OR EXISTS (SELECT FROM tally.key_fence f WHERE f.slot = ANY (t_slots))
    THEN
        RAISE EXCEPTION 'not for the plain form' USING ERRCODE = 'TL013';
    END IF;

    UPDATE tally.head h
    SET size = t.size + t.events, last_leaf_hash = sha256('\x00'::bytea || t.leaf),
        recorded_at = tally.uint64(substr(t.leaf, 28, 8))
    FROM (
        SELECT t_slots[e.q] AS slot, t_ids[e.q] AS id, t_sizes[e.q] AS size, t_lasts[e.q] AS last,
            t_floors[e.q] AS floor, t_firsts[e.q + 1] - t_firsts[e.q] AS events, e.leaf
        FROM (
            SELECT generate_series(1, c_events) AS o, unnest(e_tenants) AS q,
                unnest(e_leaves) AS leaf) e
        WHERE e.o = t_firsts[e.q + 1] - 1 AND substr(e.leaf, 28, 8) <= c_latest
    ) t
    WHERE h.slot = t.slot AND h.tenant_id = t.id AND h.size = t.size
        AND h.last_leaf_hash = t.last AND greatest(h.recorded_at, h.closed_through) = t.floor
        AND h.state = 0;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    IF v_count <> c_tenants THEN
        RAISE EXCEPTION 'not for the plain form' USING ERRCODE = 'TL013';
    END IF;

    INSERT INTO tally.event (slot, version, position, stream, event_id, leaf, body)
    SELECT t_slots[e.q], e.version, t_sizes[e.q] + e.o - t_firsts[e.q], e.stream, e.id, e.leaf,
        int4send(octet_length(e.part)) || e.part
    FROM (
        SELECT generate_series(1, c_events) AS o, unnest(e_tenants) AS q, unnest(e_ids) AS id,
            unnest(e_streams) AS stream, unnest(e_versions) AS version, unnest(e_leaves) AS leaf,
            unnest(NULL::bytea || e_leaves) AS before, unnest(e_parts) AS part) e
    WHERE e.o >= t_firsts[e.q] AND e.o < t_firsts[e.q + 1]
        AND e.leaf = '\x000101'::bytea || uuid_send(t_ids[e.q])
            || int8send(t_sizes[e.q] + e.o - t_firsts[e.q]) || substr(e.leaf, 28, 8)
            || uuid_send(e.id)
            || CASE WHEN e.o = t_firsts[e.q] THEN t_lasts[e.q]
                ELSE sha256('\x00'::bytea || e.before) END
            || '\x01'::bytea || sha256(e.part)
        AND substr(e.leaf, 28, 8) > CASE WHEN e.o = t_firsts[e.q]
            THEN int8send(t_floors[e.q]) ELSE substr(e.before, 28, 8) END
        AND substr(e.leaf, 28, 8) <= c_latest
        AND octet_length(e.part) BETWEEN 93 AND 16842748 AND octet_length(e.part) % 32 = 29
        AND get_byte(e.part, 0) = 1
        -- A stream has at most the events before its newest; that its versions follow each other
        -- only the keys can show, for they also name the stream.
        AND e.stream IS NOT NULL AND e.version BETWEEN 1 AND t_sizes[e.q] + e.o - t_firsts[e.q];
    GET DIAGNOSTICS v_count = ROW_COUNT;
    IF v_count <> c_events THEN
        RAISE EXCEPTION 'not for the plain form' USING ERRCODE = 'TL013';
    END IF;
END
$$;

ALTER FUNCTION tally.append_plain OWNER TO tally_appender;
REVOKE ALL ON FUNCTION tally.append_plain FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.append_plain TO tally_writer;
