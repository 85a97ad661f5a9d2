-- What lanes, readers and verifiers ask; all of it runs with the caller's own rights.

-- Heads of some tenants.
CREATE FUNCTION tally.read_heads(p_tenants uuid[]) RETURNS SETOF tally.head
    LANGUAGE sql STABLE
AS $$
    SELECT * FROM tally.head WHERE tenant_id = ANY (p_tenants)
$$;

-- The version of each (tenant, stream) pair, 0 for a stream without events.
CREATE FUNCTION tally.read_versions(p_tenants uuid[], p_streams uuid[])
    RETURNS TABLE (version int)
    LANGUAGE sql STABLE
    SET enable_seqscan = off
AS $$
    SELECT coalesce(e.version, 0)
    FROM unnest(p_tenants, p_streams) WITH ORDINALITY q (tenant, stream, o)
    LEFT JOIN LATERAL (
        SELECT x.version FROM tally.event x
        WHERE x.tenant_id = q.tenant AND x.stream = q.stream
        ORDER BY x.version DESC LIMIT 1
    ) e ON true
    ORDER BY q.o
$$;

-- Everything a refusal rests on, read in one snapshot: the request's own row, the tenant's state as
-- this connection meets it, and the versions of its streams.
CREATE FUNCTION tally.judge(p_tenant uuid, p_request text, p_streams uuid[])
    RETURNS TABLE (
        state smallint, digest bytea, first_position bigint, event_count int,
        recorded_at bigint, versions int[]
    )
    LANGUAGE sql STABLE
AS $$
    SELECT CASE WHEN h.state < 2 AND tally.is_permitted(h.tenant_id, h.state) THEN 0
            WHEN h.state < 2 THEN 1 ELSE h.state END::smallint, a.digest, a.first_position, a.event_count, a.recorded_at,
        ARRAY(SELECT tally.read_versions(
            array_fill(p_tenant, ARRAY[coalesce(cardinality(p_streams), 0)]), p_streams))
    FROM tally.head h
    LEFT JOIN tally.append_request a ON a.tenant_id = h.tenant_id AND a.request_id = p_request
    WHERE h.tenant_id = p_tenant
$$;

-- What was stored at some positions, for the receipts of a known request.
CREATE FUNCTION tally.read_receipts(p_tenant uuid, p_first bigint, p_count int)
    RETURNS TABLE (event_position bigint, event_version int, event_leaf bytea)
    LANGUAGE sql STABLE
AS $$
    SELECT e.position, e.version, e.leaf FROM tally.event e
    WHERE e.tenant_id = p_tenant AND e.position >= p_first AND e.position < p_first + p_count
    ORDER BY e.position
$$;

-- The events of one stream from a version on: those that hold some bytes of bodies, at least one.
CREATE FUNCTION tally.read_stream(
    p_tenant uuid, p_stream uuid, p_after int, p_limit int, p_bytes bigint
) RETURNS TABLE (event_position bigint, event_version int, event_leaf bytea, event_body bytea)
    LANGUAGE sql STABLE
AS $$
    SELECT position, version, leaf, body FROM (
        SELECT e.*, sum(octet_length(e.body)) OVER (ORDER BY e.version) AS total FROM (
            SELECT * FROM tally.event e
            WHERE e.tenant_id = p_tenant AND e.stream = p_stream AND e.version > p_after
            ORDER BY e.version LIMIT p_limit) e) e
    WHERE total <= p_bytes OR total = octet_length(body)
    ORDER BY version
$$;

-- The events of one stream from a version back, before a position, newest first: those that hold some
-- bytes of bodies, at least one.
CREATE FUNCTION tally.read_stream_back(
    p_tenant uuid, p_stream uuid, p_through int, p_before bigint, p_limit int, p_bytes bigint
) RETURNS TABLE (event_position bigint, event_version int, event_leaf bytea, event_body bytea)
    LANGUAGE sql STABLE
AS $$
    SELECT position, version, leaf, body FROM (
        SELECT e.*, sum(octet_length(e.body)) OVER (ORDER BY e.version DESC) AS total FROM (
            SELECT * FROM tally.event e
            WHERE e.tenant_id = p_tenant AND e.stream = p_stream AND e.version <= p_through
                AND e.position < p_before
            ORDER BY e.version DESC LIMIT p_limit) e) e
    WHERE total <= p_bytes OR total = octet_length(body)
    ORDER BY version DESC
$$;

-- The first events at some positions that hold no more than some bytes of bodies, at least one.
-- Lengths are known without reading the bodies.
CREATE FUNCTION tally.read_positions(p_tenant uuid, p_positions bigint[], p_bytes bigint)
    RETURNS TABLE (
        event_position bigint, event_stream uuid, event_version int, event_leaf bytea,
        event_body bytea
    )
    LANGUAGE sql STABLE
AS $$
    SELECT position, stream, version, leaf, body FROM (
        SELECT e.position, e.stream, e.version, e.leaf, e.body,
            sum(octet_length(e.body)) OVER (ORDER BY e.position) AS total
        FROM tally.event e
        WHERE e.tenant_id = p_tenant AND e.position = ANY (p_positions)) e
    WHERE total <= p_bytes OR total = octet_length(body)
    ORDER BY position
$$;

-- The position of the event with an id, in the tenant that the transaction names. Row security would keep
-- the caller's own question from the index, whose expression it does not trust.
CREATE FUNCTION tally.find_event(p_tenant uuid, p_event_id uuid) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT e.position FROM tally.event e
    WHERE e.tenant_id = p_tenant AND substr(e.leaf, 36, 16) = uuid_send(p_event_id)
        AND p_tenant = nullif(current_setting('tally.tenant', true), '')::uuid
$$;

-- Positions in [p_from, p_to) of events that the ledger wrote itself, of some kinds, in order.
CREATE FUNCTION tally.own_positions(
    p_tenant uuid, p_from bigint, p_to bigint, p_limit int, p_kinds int[]
) RETURNS SETOF bigint
    LANGUAGE sql STABLE
AS $$
    SELECT e.position FROM tally.event e
    WHERE e.tenant_id = p_tenant AND e.stream IS NULL
        AND e.position >= p_from AND e.position < p_to
        AND get_byte(e.leaf, 2) = ANY (p_kinds)
    ORDER BY e.position LIMIT p_limit
$$;

-- Head, first and last position of a tenant in one snapshot: what a verifier must find.
CREATE FUNCTION tally.read_extent(p_tenant uuid)
    RETURNS TABLE (
        size bigint, last_leaf_hash bytea, recorded_at bigint, state smallint,
        first_position bigint, last_position bigint
    )
    LANGUAGE sql STABLE
AS $$
    SELECT h.size, h.last_leaf_hash, h.recorded_at, h.state,
        (SELECT min(e.position) FROM tally.event e WHERE e.tenant_id = p_tenant),
        (SELECT max(e.position) FROM tally.event e WHERE e.tenant_id = p_tenant)
    FROM tally.head h WHERE h.tenant_id = p_tenant
$$;

-- Request rows beside the last event each of them names, a page in order of id. A row can hold
-- any number; beyond half of all there is no event, and the sum would overflow.
CREATE FUNCTION tally.read_requests(p_tenant uuid, p_after text, p_limit int)
    RETURNS TABLE (
        request_id text, first_position bigint, event_count int, recorded_at bigint,
        last_leaf bytea
    )
    LANGUAGE sql STABLE
AS $$
    SELECT a.request_id, a.first_position, a.event_count, a.recorded_at, e.leaf
    FROM tally.append_request a
    LEFT JOIN tally.event e ON e.tenant_id = a.tenant_id
        AND e.position = CASE WHEN a.first_position BETWEEN 0 AND 4611686018427387904
            THEN a.first_position + a.event_count - 1 END
    WHERE a.tenant_id = p_tenant AND a.request_id > p_after
    ORDER BY a.request_id LIMIT p_limit
$$;

-- Tenants that have events or a head but no row in tally.tenant: an index skip scan.
CREATE FUNCTION tally.stray_tenants() RETURNS SETOF uuid
    LANGUAGE sql STABLE
AS $$
    WITH RECURSIVE seen (id) AS (
        (SELECT tenant_id FROM tally.event ORDER BY tenant_id LIMIT 1)
        UNION ALL
        SELECT (SELECT e.tenant_id FROM tally.event e WHERE e.tenant_id > s.id
            ORDER BY e.tenant_id LIMIT 1)
        FROM seen s WHERE s.id IS NOT NULL
    )
    SELECT id FROM seen WHERE id IS NOT NULL
    UNION SELECT tenant_id FROM tally.head
    EXCEPT SELECT tenant_id FROM tally.tenant
$$;

-- The parts of events in [p_from, p_to) that may be empty: a later partsPurged lists them that
-- names earlier destructions of keys, at least one, and nothing else. Whoever damages such an event
-- loses the excuse.
CREATE FUNCTION tally.excused_parts(p_tenant uuid, p_from bigint, p_to bigint)
    RETURNS TABLE (excused_position bigint, excused_index int)
    LANGUAGE plpgsql STABLE
AS $$
DECLARE
    v_purge record;
    v_json jsonb;
BEGIN
    FOR v_purge IN
        SELECT e.position, e.body FROM tally.event e
        WHERE e.tenant_id = p_tenant AND e.position > p_from AND e.stream IS NULL
            AND get_byte(e.leaf, 2) = 7 AND tally.part_digests(e.body) = substr(e.leaf, 85)
        ORDER BY e.position
    LOOP
        BEGIN
            v_json := convert_from(substr(v_purge.body, 6), 'UTF8')::jsonb;
            CONTINUE WHEN NOT coalesce(jsonb_array_length(v_json->'destroyed') = (
                SELECT nullif(count(*), 0) FROM jsonb_array_elements(v_json->'destroyed') d
                JOIN tally.event k ON k.tenant_id = p_tenant AND k.position = d::bigint
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

-- What is wrong with a body whose digests are not those of its leaf, some parts being excused.
CREATE FUNCTION tally.judge_body(p_leaf bytea, p_body bytea, p_excused int[]) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
    c_count CONSTANT int := (octet_length(p_leaf) - 84) / 32;
    v_at int := 1;
    v_length int;
    v_missing boolean := false;
BEGIN
    FOR i IN 0..c_count - 1 LOOP
        IF v_at + 3 > octet_length(p_body) THEN
            RETURN 'altered body';
        END IF;
        v_length := ('x' || encode(substr(p_body, v_at, 4), 'hex'))::bit(32)::int;
        IF v_length < 0 OR v_length > octet_length(p_body) - v_at - 3 THEN
            RETURN 'altered body';
        END IF;
        IF v_length = 0 THEN
            v_missing := v_missing OR get_byte(p_leaf, 2) NOT IN (1, 10)
                OR NOT coalesce(i = ANY (p_excused), false);
        ELSIF sha256(substr(p_body, v_at + 4, v_length)) <> substr(p_leaf, 85 + 32 * i, 32) THEN
            RETURN 'altered body';
        END IF;
        v_at := v_at + 4 + v_length;
    END LOOP;
    RETURN CASE
        WHEN v_at <> octet_length(p_body) + 1 THEN 'altered body'
        WHEN v_missing THEN 'missing body'
    END;
END
$$;

-- Positions in [p_from, p_to) whose leaf, body or link does not hold, found without any code of
-- ours outside this database.
CREATE FUNCTION tally.verify_range(p_tenant uuid, p_from bigint, p_to bigint)
    RETURNS TABLE (broken_position bigint, finding text)
    LANGUAGE sql STABLE
AS $$
    WITH excused AS MATERIALIZED (
        SELECT excused_position, array_agg(excused_index) AS indexes
        FROM tally.excused_parts(p_tenant, p_from, p_to) GROUP BY excused_position
    )
    SELECT e.position, CASE
        WHEN substr(e.leaf, 4, 24) <> uuid_send(e.tenant_id) || int8send(e.position)
            THEN 'swapped'
        WHEN j.body IS NOT NULL THEN j.body
        ELSE 'broken link'
    END
    FROM tally.event e
    LEFT JOIN tally.event b ON b.tenant_id = e.tenant_id AND b.position = e.position - 1
    LEFT JOIN excused x ON x.excused_position = e.position
    CROSS JOIN LATERAL (
        SELECT CASE WHEN tally.part_digests(e.body) IS DISTINCT FROM substr(e.leaf, 85)
            THEN tally.judge_body(e.leaf, e.body, x.indexes) END AS body
    ) j
    WHERE e.tenant_id = p_tenant AND e.position >= p_from AND e.position < p_to
        AND NOT coalesce(
            substr(e.leaf, 4, 24) = uuid_send(e.tenant_id) || int8send(e.position)
            AND j.body IS NULL
            AND substr(e.leaf, 52, 32) = CASE WHEN e.position = 0
                THEN (SELECT tally.genesis_previous(l.ledger_id, t.tenant_id, t.slot)
                    FROM tally.ledger l, tally.tenant t WHERE t.tenant_id = p_tenant)
                ELSE tally.leaf_hash(b.leaf) END, false)
    ORDER BY e.position
$$;

-- The newest event of each stream after a tag, a page in the order of tags: an index skip scan. It ends
-- with the event that makes some bytes of bodies full.
CREATE FUNCTION tally.list_streams(p_tenant uuid, p_after uuid, p_limit int, p_bytes bigint)
    RETURNS TABLE (
        event_position bigint, event_stream uuid, event_version int, event_leaf bytea,
        event_body bytea
    )
    LANGUAGE plpgsql STABLE
    SET enable_seqscan = off
AS $$
DECLARE
    v_stream uuid := p_after;
    v_event tally.event;
    v_bytes bigint := 0;
BEGIN
    FOR i IN 1..p_limit LOOP
        SELECT e.stream INTO v_stream FROM tally.event e
        WHERE e.tenant_id = p_tenant AND e.stream > v_stream
        ORDER BY e.stream LIMIT 1;
        EXIT WHEN NOT FOUND;
        SELECT * INTO v_event FROM tally.event e
        WHERE e.tenant_id = p_tenant AND e.stream = v_stream
        ORDER BY e.version DESC LIMIT 1;
        RETURN QUERY SELECT v_event.position, v_event.stream, v_event.version, v_event.leaf,
            v_event.body;
        v_bytes := v_bytes + octet_length(v_event.body);
        EXIT WHEN v_bytes >= p_bytes;
    END LOOP;
END
$$;

-- The newest event of each stream as of p_end, before a position, newest first. It walks back over the
-- log, past the events that have a later version.
CREATE FUNCTION tally.newest_streams(
    p_tenant uuid, p_before bigint, p_end bigint, p_limit int, p_bytes bigint
) RETURNS TABLE (
        event_position bigint, event_stream uuid, event_version int, event_leaf bytea,
        event_body bytea
    )
    LANGUAGE sql STABLE
    SET enable_seqscan = off
    SET enable_hashjoin = off
    SET enable_mergejoin = off
AS $$
    SELECT position, stream, version, leaf, body FROM (
        SELECT e.*, sum(octet_length(e.body)) OVER (ORDER BY e.position DESC) AS total FROM (
            SELECT * FROM tally.event e
            WHERE e.tenant_id = p_tenant AND e.position < least(p_before, p_end)
                AND e.stream IS NOT NULL AND NOT EXISTS (
                    SELECT FROM tally.event n
                    WHERE n.tenant_id = p_tenant AND n.stream = e.stream
                        AND n.version = e.version::bigint + 1 AND n.position < p_end)
            ORDER BY e.position DESC LIMIT p_limit) e) e
    WHERE total <= p_bytes OR total = octet_length(body)
    ORDER BY position DESC
$$;

-- The position after the first rows of a range that hold no more than some bytes of bodies, or after
-- its first row. Lengths are known without reading the bodies.
CREATE FUNCTION tally.page_end(p_tenant uuid, p_from bigint, p_to bigint, p_bytes bigint)
    RETURNS bigint
    LANGUAGE plpgsql STABLE
AS $$
BEGIN
    IF (SELECT coalesce(sum(octet_length(body)), 0) FROM tally.event
        WHERE tenant_id = p_tenant AND position >= p_from AND position < p_to) <= p_bytes
    THEN
        RETURN p_to;
    END IF;
    RETURN (
        SELECT max(position) + 1 FROM (
            SELECT position, octet_length(body) AS bytes,
                sum(octet_length(body)) OVER (ORDER BY position) AS total
            FROM tally.event
            WHERE tenant_id = p_tenant AND position >= p_from AND position < p_to) e
        WHERE total <= p_bytes OR total = bytes);
END
$$;
