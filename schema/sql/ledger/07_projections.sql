-- What is derived from the log and can be built again from it: documents, the trail, how far each
-- projection has come, and the events that stopped one. Tables hold ciphertext and blind tags only.
SET LOCAL ROLE tally_owner;

-- The version of each projection that readers see, and the newest that was begun: a rebuild makes the
-- next one beside it.
CREATE TABLE tally.projection (
    name text PRIMARY KEY,
    version int NOT NULL CHECK (version >= 1),
    latest int NOT NULL CHECK (latest >= version),
    removed_at bigint CHECK (removed_at >= 0)
);

-- position counts the events that were applied.
CREATE TABLE tally.cursor (
    tenant_id uuid NOT NULL,
    projection text NOT NULL,
    version int NOT NULL CHECK (version >= 1),
    position bigint NOT NULL CHECK (position >= 0),
    updated_at bigint NOT NULL CHECK (updated_at >= 0),
    PRIMARY KEY (tenant_id, projection, version)
);

-- An event that a projection could not apply; it holds up its own tenant and nobody else.
CREATE TABLE tally.dead_letter (
    tenant_id uuid NOT NULL,
    projection text NOT NULL,
    position bigint NOT NULL CHECK (position >= 0),
    reason text NOT NULL,
    failed_at bigint NOT NULL CHECK (failed_at >= 0),
    skipped_by bigint CHECK (skipped_by >= 0),
    PRIMARY KEY (tenant_id, projection, position)
);

-- The newest document of each stream that has one. size are its bytes when it is opened, fold the rules
-- under which it was folded, digest is its leaf in the state root. One that is too large to be kept has no
-- body and is read from the log; one that is too large to be read has no size and no digest either.
CREATE TABLE tally.document (
    tenant_id uuid NOT NULL,
    stream uuid NOT NULL,
    collection_tag bytea NOT NULL CHECK (octet_length(collection_tag) = 16),
    position bigint NOT NULL CHECK (position >= 0),
    version int NOT NULL CHECK (version >= 1),
    size bigint CHECK (size >= 0),
    fold smallint NOT NULL CHECK (fold >= 1),
    digest bytea CHECK (octet_length(digest) = 32),
    body bytea CHECK (octet_length(body) > 0),
    PRIMARY KEY (tenant_id, stream),
    CHECK ((size IS NULL) = (digest IS NULL) AND (body IS NULL OR size IS NOT NULL))
);
ALTER TABLE tally.document ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX document_by_collection ON tally.document (tenant_id, collection_tag, stream);

-- Documents of long streams at versions in between, for looks into the past; nobody depends on them.
CREATE TABLE tally.snapshot (
    tenant_id uuid NOT NULL,
    stream uuid NOT NULL,
    version int NOT NULL CHECK (version >= 1),
    position bigint NOT NULL CHECK (position >= 0),
    fold smallint NOT NULL CHECK (fold >= 1),
    body bytea NOT NULL CHECK (octet_length(body) > 0),
    PRIMARY KEY (tenant_id, stream, version)
);
ALTER TABLE tally.snapshot ALTER COLUMN body SET STORAGE EXTERNAL;

-- The trail: which events have which type, actor, subject or collection.
CREATE TABLE tally.event_tag (
    tenant_id uuid NOT NULL,
    tag bytea NOT NULL CHECK (octet_length(tag) = 16),
    position bigint NOT NULL CHECK (position >= 0),
    PRIMARY KEY (tenant_id, tag, position)
);

-- The types and collections that tags stand for, so that a wildcard can be expanded.
CREATE TABLE tally.dictionary (
    tenant_id uuid NOT NULL,
    tag bytea NOT NULL CHECK (octet_length(tag) = 16),
    word_sealed bytea NOT NULL CHECK (octet_length(word_sealed) > 0),
    PRIMARY KEY (tenant_id, tag)
);
INSERT INTO tally.projection VALUES ('documents', 1, 1, NULL), ('trail', 1, 1, NULL);

-- What a table projection declares, in canonical JSON, for each version that exists.
CREATE TABLE tally.table_definition (
    projection text NOT NULL,
    version int NOT NULL CHECK (version >= 1),
    definition text NOT NULL,
    is_logged boolean NOT NULL,
    is_built boolean NOT NULL DEFAULT false,
    PRIMARY KEY (projection, version)
);
RESET ROLE;

-- Moves a cursor, if it is where the caller believes it to be: whoever comes second changes nothing.
CREATE FUNCTION tally.move_cursor(
    p_tenant uuid, p_projection text, p_version int, p_from bigint, p_to bigint
) RETURNS boolean
    LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    UPDATE tally.cursor SET position = p_to, updated_at = tally.now_micros()
    WHERE tenant_id = p_tenant AND projection = p_projection AND version = p_version
        AND position = p_from;
    IF FOUND OR p_from <> 0 THEN
        RETURN FOUND;
    END IF;
    INSERT INTO tally.cursor VALUES (p_tenant, p_projection, p_version, p_to, tally.now_micros())
    ON CONFLICT DO NOTHING;
    RETURN FOUND;
END
$$;

-- Stores the newest documents of some streams, and removes those of others.
CREATE FUNCTION tally.put_documents(
    p_table oid, p_tenant uuid, p_fold smallint, p_streams uuid[], p_collections bytea[],
    p_positions bigint[], p_versions int[], p_sizes bigint[], p_digests bytea[], p_bodies bytea[],
    p_gone uuid[]
) RETURNS void
    LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    EXECUTE format('DELETE FROM %s WHERE tenant_id = $1 AND stream = ANY ($2)', p_table::regclass)
        USING p_tenant, p_gone;
    EXECUTE format(
        'INSERT INTO %s (tenant_id, fold, stream, collection_tag, position, version, size, digest, body) '
        'SELECT $1, $2, d.* FROM unnest($3, $4, $5, $6, $7, $8, $9) d '
        'ON CONFLICT (tenant_id, stream) DO UPDATE SET position = excluded.position, '
        'collection_tag = excluded.collection_tag, version = excluded.version, '
        'size = excluded.size, fold = excluded.fold, digest = excluded.digest, body = excluded.body',
        p_table::regclass)
        USING p_tenant, p_fold, p_streams, p_collections, p_positions, p_versions, p_sizes, p_digests,
            p_bodies;
END
$$;

-- Stores tags of events and the words behind new ones.
CREATE FUNCTION tally.put_tags(
    p_events oid, p_words oid, p_tenant uuid, p_tags bytea[], p_positions bigint[],
    p_word_tags bytea[], p_words_sealed bytea[]
) RETURNS void
    LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    EXECUTE format('INSERT INTO %s (tenant_id, tag, position) SELECT $1, t.* '
        'FROM unnest($2, $3) t ON CONFLICT DO NOTHING', p_events::regclass)
        USING p_tenant, p_tags, p_positions;
    EXECUTE format('INSERT INTO %s (tenant_id, tag, word_sealed) SELECT $1, w.* '
        'FROM unnest($2, $3) w ON CONFLICT DO NOTHING', p_words::regclass)
        USING p_tenant, p_word_tags, p_words_sealed;
END
$$;

-- Notes that the event after the cursor could not be applied; not if the cursor has moved, for then
-- it was only that another projector was faster.
CREATE FUNCTION tally.put_dead_letter(
    p_tenant uuid, p_projection text, p_version int, p_position bigint, p_reason text
) RETURNS boolean
    LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_position bigint;
BEGIN
    SELECT position INTO v_position FROM tally.cursor
    WHERE tenant_id = p_tenant AND projection = p_projection AND version = p_version FOR UPDATE;
    IF coalesce(v_position, 0) IS DISTINCT FROM p_position THEN
        RETURN false;
    END IF;
    INSERT INTO tally.dead_letter
    VALUES (p_tenant, p_projection, p_position, p_reason, tally.now_micros(), NULL)
    ON CONFLICT (tenant_id, projection, position) DO UPDATE
    SET reason = excluded.reason, failed_at = excluded.failed_at;
    RETURN true;
END
$$;

-- How far a version of a projection has come with each tenant, and what holds it up.
CREATE FUNCTION tally.read_progress(p_projection text, p_version int)
    RETURNS TABLE (
        tenant_id uuid, slot int, size bigint, cursor_position bigint, dead_position bigint,
        reason text
    )
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT t.tenant_id, t.slot, h.size, coalesce(c.position, 0), d.position, d.reason
    FROM tally.tenant t
    JOIN tally.head h USING (tenant_id)
    LEFT JOIN tally.cursor c ON c.tenant_id = t.tenant_id AND c.projection = p_projection
        AND c.version = p_version
    LEFT JOIN LATERAL (
        SELECT * FROM tally.dead_letter x
        WHERE x.tenant_id = t.tenant_id AND x.projection = p_projection
            AND x.skipped_by IS NULL AND x.position = coalesce(c.position, 0)
    ) d ON true
    ORDER BY t.slot
$$;

-- Documents of some streams. Its columns are named: the row type of the table would stay with the one
-- that a rebuild puts aside.
CREATE FUNCTION tally.read_documents(p_tenant uuid, p_streams uuid[])
    RETURNS TABLE (
        stream uuid, collection_tag bytea, "position" bigint, version int, size bigint,
        fold smallint, digest bytea, body bytea
    )
    LANGUAGE sql STABLE
AS $$
    SELECT d.stream, d.collection_tag, d.position, d.version, d.size, d.fold, d.digest, d.body
    FROM tally.document d WHERE d.tenant_id = p_tenant AND d.stream = ANY (p_streams)
$$;

-- A page of documents in the order of their stream tags, of one collection or of all, without their
-- bodies. Of bodies as many as hold some bytes when they are opened are wanted, at least one: fits says
-- so, and what does not fit begins the next page.
CREATE FUNCTION tally.list_documents(
    p_tenant uuid, p_collection bytea, p_after uuid, p_limit int, p_bytes bigint
) RETURNS TABLE (
        doc_stream uuid, doc_position bigint, doc_version int, doc_size bigint, doc_digest bytea,
        doc_collection bytea, fits boolean
    )
    LANGUAGE plpgsql STABLE
AS $$
BEGIN
    IF p_collection IS NULL THEN
        RETURN QUERY SELECT d.stream, d.position, d.version, d.size, d.digest, d.collection_tag,
            sum(coalesce(d.size, 0)) OVER w <= p_bytes OR row_number() OVER w = 1
        FROM (SELECT * FROM tally.document WHERE tenant_id = p_tenant AND stream > p_after
            ORDER BY stream LIMIT p_limit) d
        WINDOW w AS (ORDER BY d.stream) ORDER BY d.stream;
    ELSE
        RETURN QUERY SELECT d.stream, d.position, d.version, d.size, d.digest, d.collection_tag,
            sum(coalesce(d.size, 0)) OVER w <= p_bytes OR row_number() OVER w = 1
        FROM (SELECT * FROM tally.document WHERE tenant_id = p_tenant
            AND collection_tag = p_collection AND stream > p_after
            ORDER BY stream LIMIT p_limit) d
        WINDOW w AS (ORDER BY d.stream) ORDER BY d.stream;
    END IF;
END
$$;

-- The streams with events in [p_from, p_to) after a tag, in the order of tags: the version before these
-- events, the last of them, and the newest before p_end, which is one of the two bounds or between them.
CREATE FUNCTION tally.changed_streams(
    p_tenant uuid, p_from bigint, p_to bigint, p_end bigint, p_after uuid, p_limit int
) RETURNS TABLE (changed uuid, version_before int, version_last int, version_end int)
    LANGUAGE sql STABLE
AS $$
    SELECT stream, min(version) - 1, max(version),
        coalesce(max(version) FILTER (WHERE position < p_end), min(version) - 1)
    FROM tally.event
    WHERE tenant_id = p_tenant AND position >= p_from AND position < p_to AND stream > p_after
    GROUP BY stream ORDER BY stream LIMIT p_limit
$$;

-- The streams that have events before a position, after a tag and in the order of tags, with the newest
-- version of each there: an index skip scan, which does not look at the events behind the position of
-- other streams.
CREATE FUNCTION tally.streams_before(p_tenant uuid, p_before bigint, p_after uuid, p_limit int)
    RETURNS TABLE (found uuid, version_end int)
    LANGUAGE plpgsql STABLE
    SET enable_seqscan = off
AS $$
DECLARE
    v_stream uuid := p_after;
    v_version int;
    v_count int := 0;
BEGIN
    WHILE v_count < p_limit LOOP
        SELECT e.stream INTO v_stream FROM tally.event e
        WHERE e.tenant_id = p_tenant AND e.stream > v_stream ORDER BY e.stream LIMIT 1;
        EXIT WHEN NOT FOUND;
        SELECT e.version INTO v_version FROM tally.event e
        WHERE e.tenant_id = p_tenant AND e.stream = v_stream AND e.position < p_before
        ORDER BY e.version DESC LIMIT 1;
        CONTINUE WHEN NOT FOUND;
        v_count := v_count + 1;
        RETURN QUERY SELECT v_stream, v_version;
    END LOOP;
END
$$;

-- The newest version of each stream before a position, 0 where it has no events there; in the order asked.
CREATE FUNCTION tally.versions_before(p_tenant uuid, p_before bigint, p_streams uuid[])
    RETURNS TABLE (version_before int)
    LANGUAGE sql STABLE
    SET enable_seqscan = off
AS $$
    SELECT coalesce((
        SELECT e.version FROM tally.event e
        WHERE e.tenant_id = p_tenant AND e.stream = q.stream AND e.position < p_before
        ORDER BY e.version DESC LIMIT 1), 0)
    FROM unnest(p_streams) WITH ORDINALITY q (stream, o) ORDER BY q.o
$$;

-- The group with the fewest events from p_from on, by how far its first ones reach.
CREATE FUNCTION tally.rarest_group(
    p_tenant uuid, p_from bigint, p_to bigint, p_groups int[], p_tags bytea[]
) RETURNS int
    LANGUAGE sql STABLE
AS $$
    SELECT t.g
    FROM (SELECT g, tag, greatest(8, 256 / count(*) OVER (PARTITION BY g)) AS bound
        FROM unnest(p_groups, p_tags) t (g, tag)) t
    CROSS JOIN LATERAL (
        SELECT count(*) AS events,
            CASE WHEN count(*) < t.bound THEN p_to ELSE max(x.position) + 1 END AS reach
        FROM (SELECT e.position FROM tally.event_tag e
            WHERE e.tenant_id = p_tenant AND e.tag = t.tag
                AND e.position >= p_from AND e.position < p_to
            ORDER BY e.position LIMIT t.bound) x) x
    GROUP BY t.g ORDER BY sum(x.events::float8 / (x.reach - p_from)), t.g LIMIT 1
$$;

-- The first p_limit positions in [p_from, p_to) of events with one of some tags, in order.
CREATE FUNCTION tally.tagged_positions(
    p_tenant uuid, p_from bigint, p_to bigint, p_limit int, p_tags bytea[]
) RETURNS bigint[]
    LANGUAGE sql STABLE
AS $$
    SELECT ARRAY(
        SELECT DISTINCT x.position FROM unnest(p_tags) t (tag)
        CROSS JOIN LATERAL (
            SELECT e.position FROM tally.event_tag e
            WHERE e.tenant_id = p_tenant AND e.tag = t.tag
                AND e.position >= p_from AND e.position < p_to
            ORDER BY e.position LIMIT p_limit) x
        ORDER BY x.position LIMIT p_limit)
$$;

-- Those of some positions, which are in order, whose events have one of some tags. Where they lie close
-- together the tags' own positions are read beside them, where not each is looked up.
CREATE FUNCTION tally.keep_tagged(p_tenant uuid, p_positions bigint[], p_tags bytea[]) RETURNS bigint[]
    LANGUAGE plpgsql STABLE
AS $$
DECLARE
    c_count CONSTANT int := cardinality(p_positions);
    c_first CONSTANT bigint := p_positions[1];
    c_last CONSTANT bigint := p_positions[c_count];
BEGIN
    IF c_count = 0 THEN
        RETURN p_positions;
    ELSIF c_last - c_first < 8::bigint * c_count THEN
        RETURN ARRAY(
            SELECT p FROM unnest(p_positions) p
            INTERSECT
            SELECT e.position FROM tally.event_tag e
            WHERE e.tenant_id = p_tenant AND e.tag = ANY (p_tags)
                AND e.position >= c_first AND e.position <= c_last
            ORDER BY 1);
    END IF;
    RETURN ARRAY(
        SELECT p FROM unnest(p_positions) WITH ORDINALITY q (p, o)
        WHERE EXISTS (SELECT FROM tally.event_tag e
            WHERE e.tenant_id = p_tenant AND e.tag = ANY (p_tags) AND e.position = q.p)
        ORDER BY o);
END
$$;

-- Positions in [p_from, p_to) of events that may have a tag of every group, in order. Groups are
-- numbered from 1; the streams that are named lead, or else the rarest group. The reader judges each
-- event, so a group that costs more to ask than it saves is left to it: one of very many tags, or one
-- that kept nearly all of what came before. A further term is never a burden.
CREATE FUNCTION tally.find_positions(
    p_tenant uuid, p_from bigint, p_to bigint, p_limit int, p_groups int[], p_tags bytea[],
    p_streams uuid[]
) RETURNS SETOF bigint
    LANGUAGE plpgsql STABLE
    SET enable_seqscan = off
    SET enable_hashjoin = off
    SET enable_mergejoin = off
AS $$
DECLARE
    c_most_tags CONSTANT int := 16;
    c_most_positions CONSTANT int := 8192;
    v_from bigint := p_from;
    v_chunk int := 256;
    v_left int := p_limit;
    v_driver int := 0;
    v_useless int[] := '{}';
    v_positions bigint[];
    v_kept bigint[];
    v_read int;
    v_group record;
BEGIN
    WHILE v_left > 0 AND v_from < p_to LOOP
        IF cardinality(p_streams) > 0 THEN
            v_positions := ARRAY(SELECT e.position FROM tally.event e
                WHERE e.tenant_id = p_tenant AND e.stream = ANY (p_streams)
                    AND e.position >= v_from AND e.position < p_to
                ORDER BY e.position LIMIT v_chunk);
        ELSE
            v_driver := tally.rarest_group(p_tenant, v_from, p_to, p_groups, p_tags);
            v_positions := tally.tagged_positions(p_tenant, v_from, p_to, v_chunk,
                ARRAY(SELECT tag FROM unnest(p_groups, p_tags) t (g, tag) WHERE g = v_driver));
        END IF;
        v_read := cardinality(v_positions);
        v_from := CASE WHEN v_read < v_chunk THEN p_to ELSE v_positions[v_read] + 1 END;
        FOR v_group IN SELECT g AS number, array_agg(tag) AS tags
            FROM unnest(p_groups, p_tags) t (g, tag)
            WHERE g <> v_driver AND g <> ALL (v_useless)
            GROUP BY g HAVING count(*) <= c_most_tags ORDER BY count(*)
        LOOP
            v_kept := tally.keep_tagged(p_tenant, v_positions, v_group.tags);
            IF cardinality(v_kept) * 4 > cardinality(v_positions) * 3 THEN
                v_useless := v_useless || v_group.number;
            END IF;
            v_positions := v_kept;
        END LOOP;
        RETURN QUERY SELECT p FROM unnest(v_positions[:v_left]) p;
        v_left := v_left - cardinality(v_positions);
        v_chunk := least(v_chunk * 2, c_most_positions);
    END LOOP;
END
$$;

-- The number of events recorded at or before a time: a binary search, for times rise with
-- positions.
CREATE FUNCTION tally.cut_at(p_tenant uuid, p_time bigint) RETURNS bigint
    LANGUAGE plpgsql STABLE
AS $$
DECLARE
    v_low bigint := 0;
    v_high bigint;
    v_middle bigint;
    v_leaf bytea;
BEGIN
    SELECT size INTO v_high FROM tally.head WHERE tenant_id = p_tenant;
    WHILE v_low < v_high LOOP
        v_middle := (v_low + v_high) / 2;
        SELECT leaf INTO v_leaf FROM tally.event
        WHERE tenant_id = p_tenant AND position = v_middle;
        IF v_leaf IS NULL THEN
            RAISE EXCEPTION 'event % of the log is missing', v_middle USING ERRCODE = 'TL009';
        END IF;
        IF substr(v_leaf, 28, 8) <= int8send(p_time) THEN
            v_low := v_middle + 1;
        ELSE
            v_high := v_middle;
        END IF;
    END LOOP;
    RETURN v_low;
END
$$;

-- Promises that nothing will be recorded at or before a time that has passed.
CREATE FUNCTION tally.close_through(p_tenant uuid, p_time bigint) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_head tally.head;
BEGIN
    SELECT * INTO v_head FROM tally.lock_head(p_tenant);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such tenant' USING ERRCODE = 'TL004';
    END IF;
    IF p_time > tally.now_micros() THEN
        RAISE EXCEPTION 'a time that has not passed cannot be closed' USING ERRCODE = 'TL001';
    END IF;
    IF p_time > greatest(v_head.recorded_at, v_head.closed_through) THEN
        UPDATE tally.head SET closed_through = p_time WHERE tenant_id = p_tenant;
    END IF;
END
$$;

-- Lets a projection leave out the event that stops it. The event that says so comes first.
CREATE FUNCTION tally.skip_dead_letter(
    p_tenant uuid, p_projection text, p_position bigint, p_event bigint
) RETURNS boolean
    LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    UPDATE tally.dead_letter SET skipped_by = p_event
    WHERE tenant_id = p_tenant AND projection = p_projection AND position = p_position
        AND skipped_by IS NULL;
    RETURN FOUND;
END
$$;

-- Takes a skip back: the projection begins at its first event again, with this one. The event that says
-- so comes first. Gives whether there was such a skip.
CREATE FUNCTION tally.unskip_dead_letter(p_tenant uuid, p_projection text, p_position bigint)
    RETURNS boolean
    LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    -- Under the cursors' locks, on which whoever writes a page waits, too.
    PERFORM FROM tally.cursor WHERE tenant_id = p_tenant FOR UPDATE;
    DELETE FROM tally.dead_letter
    WHERE tenant_id = p_tenant AND projection = p_projection AND position = p_position
        AND skipped_by IS NOT NULL;
    RETURN FOUND;
END
$$;

-- Forgets what stopped a projection, so that it tries again.
CREATE FUNCTION tally.retry_dead_letters(p_tenant uuid, p_projection text) RETURNS bigint
    LANGUAGE sql VOLATILE
AS $$
    WITH gone AS (
        DELETE FROM tally.dead_letter
        WHERE tenant_id = p_tenant AND projection = p_projection AND skipped_by IS NULL
        RETURNING 1
    )
    SELECT count(*) FROM gone
$$;
