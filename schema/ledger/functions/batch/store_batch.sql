-- Moves the heads of those tenants of a batch whose events may be stored, and stores them: as
-- append_plain does, with events of several parts and of either kind. The caller has locked the
-- heads. Raises TL001 where a leaf does not fit, and nothing of the batch is stored. Parameters as
-- those of append_batch.
CREATE OR REPLACE FUNCTION tally.store_batch(
    p_kind int, t_stored boolean[], t_slots int[], t_ids uuid[], t_sizes bigint[], t_lasts bytea[],
    t_floors bigint[], t_firsts int[],
    e_tenants int[], e_ids uuid[], e_streams uuid[], e_versions int[], e_leaves bytea[],
    e_parts bytea[], x_events int[], x_parts bytea[]
) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c_events CONSTANT int := cardinality(e_leaves);
    c_tenants CONSTANT int := (SELECT count(*) FROM unnest(t_stored) s WHERE s);
    c_stored CONSTANT int := (SELECT count(*) FROM unnest(e_tenants) q WHERE t_stored[q]);
    c_latest CONSTANT bigint := tally.now_micros() + 2000000;
    v_count int;
BEGIN
    UPDATE tally.head h
    SET size = t.size + t.events, last_leaf_hash = sha256('\x00'::bytea || t.leaf),
        recorded_at = tally.uint64(substr(t.leaf, 28, 8))
    FROM (
        SELECT t_slots[e.q] AS slot, t_ids[e.q] AS id, t_sizes[e.q] AS size, t_lasts[e.q] AS last,
            t_firsts[e.q + 1] - t_firsts[e.q] AS events, e.leaf
        FROM (
            SELECT generate_series(1, c_events) AS o, unnest(e_tenants) AS q,
                unnest(e_leaves) AS leaf) e
        WHERE e.o = t_firsts[e.q + 1] - 1 AND t_stored[e.q]
            AND substr(e.leaf, 28, 8) < '\x8000000000000000'
    ) t
    WHERE h.slot = t.slot AND h.tenant_id = t.id AND h.size = t.size
        AND h.last_leaf_hash = t.last;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    IF v_count <> c_tenants THEN
        PERFORM tally.require_times(c_latest, t_floors, t_firsts, e_tenants, e_leaves);
        RAISE EXCEPTION 'a leaf does not fit its place in the chain' USING ERRCODE = 'TL001';
    END IF;

    INSERT INTO tally.event (slot, version, position, stream, event_id, leaf, body)
    SELECT t_slots[e.q], e.version, t_sizes[e.q] + e.o - t_firsts[e.q], e.stream, e.id, e.leaf,
        int4send(octet_length(e.part)) || e.part || coalesce(x.body, '')
    FROM (
        SELECT generate_series(1, c_events) AS o, unnest(e_tenants) AS q, unnest(e_ids) AS id,
            unnest(e_streams) AS stream, unnest(e_versions) AS version, unnest(e_leaves) AS leaf,
            unnest(NULL::bytea || e_leaves) AS before, unnest(e_parts) AS part) e
    LEFT JOIN (
        SELECT p.event, count(*) AS parts, string_agg(sha256(p.bytes), '') AS digests,
            string_agg(int4send(octet_length(p.bytes)) || p.bytes, '') AS body,
            bool_and(coalesce(octet_length(p.bytes) >= 93 AND octet_length(p.bytes) % 32 = 29
                AND get_byte(p.bytes, 0) = 1, false)) AS sealed
        FROM (
            SELECT * FROM unnest(x_events, x_parts) WITH ORDINALITY u (event, bytes, o)
            ORDER BY u.event, u.o) p
        GROUP BY p.event
    ) x ON x.event = e.o
    WHERE t_stored[e.q] AND e.o >= t_firsts[e.q] AND e.o < t_firsts[e.q + 1]
        AND e.leaf = '\x0001'::bytea || substr(int4send(p_kind), 4) || uuid_send(t_ids[e.q])
            || int8send(t_sizes[e.q] + e.o - t_firsts[e.q]) || substr(e.leaf, 28, 8)
            || uuid_send(e.id)
            || CASE WHEN e.o = t_firsts[e.q] THEN t_lasts[e.q]
                ELSE sha256('\x00'::bytea || e.before) END
            || substr(int4send((1 + coalesce(x.parts, 0))::int), 4) || sha256(e.part)
            || coalesce(x.digests, '')
        AND substr(e.leaf, 28, 8) > CASE WHEN e.o = t_firsts[e.q]
            THEN int8send(t_floors[e.q]) ELSE substr(e.before, 28, 8) END
        AND substr(e.leaf, 28, 8)
            <= int8send(greatest(c_latest, t_floors[e.q] + 1 + e.o - t_firsts[e.q]))
        AND octet_length(e.part) >= 93 AND octet_length(e.part) % 32 = 29
        AND get_byte(e.part, 0) = 1 AND coalesce(x.parts BETWEEN 1 AND 31 AND x.sealed, x IS NULL)
        AND 4 + octet_length(e.part) + coalesce(octet_length(x.body), 0) <= 16842752
        AND e.stream IS NOT NULL AND e.version BETWEEN 1 AND t_sizes[e.q] + e.o - t_firsts[e.q];
    GET DIAGNOSTICS v_count = ROW_COUNT;
    IF v_count <> c_stored THEN
        PERFORM tally.require_times(c_latest, t_floors, t_firsts, e_tenants, e_leaves);
        RAISE EXCEPTION 'a leaf does not fit its place in the chain' USING ERRCODE = 'TL001',
            DETAIL = (
                SELECT format('{"event":%s}', min(e.o))
                FROM unnest(e_tenants, e_ids) WITH ORDINALITY e (q, id, o)
                WHERE t_stored[e.q] AND NOT EXISTS (
                    SELECT FROM tally.event x
                    WHERE x.slot = t_slots[e.q] AND x.event_id = e.id));
    END IF;
END
$$;

ALTER FUNCTION tally.store_batch OWNER TO tally_appender;
REVOKE ALL ON FUNCTION tally.store_batch FROM PUBLIC;
