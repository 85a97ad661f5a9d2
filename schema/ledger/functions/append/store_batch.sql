-- Checks each leaf of a batch against its columns and neighbours, and stores what belongs to
-- requests that may be stored. A leaf that does not fit raises, and with it goes everything that
-- was written. Parameters as those of append_lane, and per tenant h_*: size, last leaf hash and
-- latest time of its locked head, and its first event; per request whether it is stored.
CREATE OR REPLACE FUNCTION tally.store_batch(
    p_kind int, t_ids uuid[], t_firsts int[], h_sizes bigint[], h_lasts bytea[], h_floors bigint[],
    r_tenants int[], r_ids text[], r_digests bytea[], r_counts int[], r_stored boolean[],
    e_requests int[], e_streams uuid[], e_versions int[], e_leaves bytea[],
    p_events int[], p_bytes bytea[]
) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    c_events CONSTANT int := cardinality(e_leaves);
    c_latest CONSTANT bigint := tally.now_micros() + 2000000;
    v_wrong int;
    v_early boolean;
BEGIN
    WITH part AS (
        SELECT p.event, string_agg(sha256(p.bytes), '') AS digests,
            string_agg(int4send(octet_length(p.bytes)) || p.bytes, '') AS body,
            -- Suite, key id and nonce take 45 bytes, ciphertext and tag 48 and a multiple of 32.
            bool_and(coalesce(octet_length(p.bytes) >= 93 AND octet_length(p.bytes) % 32 = 29
                AND get_byte(p.bytes, 0) = 1, false))
                AS sealed
        FROM (
            SELECT * FROM unnest(p_events, p_bytes) WITH ORDINALITY u (event, bytes, o)
            ORDER BY u.event, u.o
        ) p
        GROUP BY p.event
    ), checked AS MATERIALIZED (
        SELECT e.o, q.request, q.tenant, t_ids[q.tenant] AS tenant_id,
            h_sizes[q.tenant] + e.o - q.first AS position, e.stream, e.version, e.leaf, part.body,
            coalesce(
                substr(e.leaf, 1, 2) = '\x0001' AND get_byte(e.leaf, 2) = p_kind
                AND substr(e.leaf, 4, 24)
                    = uuid_send(t_ids[q.tenant]) || int8send(h_sizes[q.tenant] + e.o - q.first)
                AND substr(e.leaf, 52, 32) = CASE WHEN e.o = q.first THEN h_lasts[q.tenant]
                    ELSE sha256('\x00'::bytea || e.before) END
                AND substr(e.leaf, 28, 8) > CASE WHEN e.o = q.first
                    THEN int8send(h_floors[q.tenant]) ELSE substr(e.before, 28, 8) END
                AND get_byte(e.leaf, 83) = octet_length(part.digests) / 32
                AND substr(e.leaf, 85) = part.digests
                AND octet_length(part.digests) BETWEEN 32 AND 1024
                AND octet_length(part.body) <= 16842752
                AND part.sealed AND e.stream IS NOT NULL
                -- A stream has at most the events before its newest; that its versions follow
                -- each other only the keys can show, for they also name the stream.
                AND e.version BETWEEN 1 AND h_sizes[q.tenant] + e.o - q.first, false) AS ok,
            coalesce(
                substr(e.leaf, 28, 8) <= int8send(
                    greatest(c_latest, h_floors[q.tenant] + 1 + e.o - q.first)), false) AS timely
        FROM unnest(e_streams, e_versions, e_leaves, NULL::bytea || e_leaves)
            WITH ORDINALITY e (stream, version, leaf, before, o)
        CROSS JOIN LATERAL (
            SELECT e_requests[e.o] AS request, r_tenants[e_requests[e.o]] AS tenant,
                t_firsts[r_tenants[e_requests[e.o]]] AS first
        ) q
        LEFT JOIN part ON part.event = e.o
        WHERE r_stored[q.request] AND e.o <= c_events
    ), inserted AS (
        INSERT INTO tally.event (tenant_id, position, stream, version, leaf, body)
        SELECT tenant_id, position, stream, version, leaf, body FROM checked WHERE ok AND timely
    ), received AS (
        INSERT INTO tally.append_request
            (tenant_id, request_id, digest, first_position, event_count, recorded_at)
        SELECT c.tenant_id, r.id, r.digest, c.position - r.n + 1, r.n,
            tally.uint64(substr(c.leaf, 28, 8))
        FROM checked c
        JOIN unnest(r_ids, r_digests, r_counts) WITH ORDINALITY r (id, digest, n, o)
            ON r.o = c.request
        WHERE e_requests[c.o + 1] IS DISTINCT FROM c.request AND c.ok AND c.timely
    ), moved AS (
        UPDATE tally.head h SET size = c.position + 1,
            last_leaf_hash = sha256('\x00'::bytea || c.leaf),
            recorded_at = tally.uint64(substr(c.leaf, 28, 8))
        FROM checked c
        WHERE h.tenant_id = c.tenant_id AND c.ok AND c.timely
            AND r_tenants[e_requests[c.o + 1]] IS DISTINCT FROM c.tenant
    )
    SELECT min(c.o) FILTER (WHERE NOT c.ok), coalesce(bool_or(NOT c.timely), false)
    INTO v_wrong, v_early
    FROM checked c;
    IF v_wrong IS NOT NULL THEN
        RAISE EXCEPTION 'a leaf does not fit its place in the chain'
            USING ERRCODE = 'TL001', DETAIL = format('{"event":%s}', v_wrong);
    END IF;
    IF v_early THEN
        RAISE EXCEPTION 'an event more than two seconds ahead of the database clock'
            USING ERRCODE = 'TL002';
    END IF;
END
$$;

ALTER FUNCTION tally.store_batch OWNER TO tally_appender;
REVOKE ALL ON FUNCTION tally.store_batch FROM PUBLIC;
