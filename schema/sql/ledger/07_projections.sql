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

-- The newest document of each stream that has one; digest is its leaf in the state root.
CREATE TABLE tally.document (
    tenant_id uuid NOT NULL,
    stream uuid NOT NULL,
    collection_tag bytea NOT NULL CHECK (octet_length(collection_tag) = 16),
    position bigint NOT NULL CHECK (position >= 0),
    version int NOT NULL CHECK (version >= 1),
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    body bytea NOT NULL CHECK (octet_length(body) > 0),
    PRIMARY KEY (tenant_id, stream)
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
    p_table oid, p_tenant uuid, p_streams uuid[], p_collections bytea[], p_positions bigint[],
    p_versions int[], p_digests bytea[], p_bodies bytea[], p_gone uuid[]
) RETURNS void
    LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    EXECUTE format('DELETE FROM %s WHERE tenant_id = $1 AND stream = ANY ($2)', p_table::regclass)
        USING p_tenant, p_gone;
    EXECUTE format(
        'INSERT INTO %s (tenant_id, stream, collection_tag, position, version, digest, body) '
        'SELECT $1, d.* FROM unnest($2, $3, $4, $5, $6, $7) d '
        'ON CONFLICT (tenant_id, stream) DO UPDATE SET position = excluded.position, '
        'collection_tag = excluded.collection_tag, '
        'version = excluded.version, digest = excluded.digest, body = excluded.body',
        p_table::regclass)
        USING p_tenant, p_streams, p_collections, p_positions, p_versions, p_digests, p_bodies;
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

-- Documents of some streams.
CREATE FUNCTION tally.read_documents(p_tenant uuid, p_streams uuid[])
    RETURNS TABLE (
        doc_stream uuid, doc_collection bytea, doc_position bigint, doc_version int,
        doc_digest bytea, doc_body bytea
    )
    LANGUAGE sql STABLE
AS $$
    SELECT stream, collection_tag, position, version, digest, body FROM tally.document
    WHERE tenant_id = p_tenant AND stream = ANY (p_streams)
$$;

-- A page of documents in the order of their stream tags, of one collection or of all.
CREATE FUNCTION tally.list_documents(
    p_tenant uuid, p_collection bytea, p_after uuid, p_limit int
) RETURNS TABLE (
        doc_stream uuid, doc_collection bytea, doc_position bigint, doc_version int,
        doc_digest bytea, doc_body bytea
    )
    LANGUAGE plpgsql STABLE
AS $$
BEGIN
    IF p_collection IS NULL THEN
        RETURN QUERY SELECT stream, collection_tag, position, version, digest, body FROM tally.document
        WHERE tenant_id = p_tenant AND stream > p_after ORDER BY stream LIMIT p_limit;
    ELSE
        RETURN QUERY SELECT stream, collection_tag, position, version, digest, body FROM tally.document
        WHERE tenant_id = p_tenant AND collection_tag = p_collection AND stream > p_after
        ORDER BY stream LIMIT p_limit;
    END IF;
END
$$;

-- The streams with events in [p_from, p_to) after a tag, in the order of tags.
CREATE FUNCTION tally.changed_streams(
    p_tenant uuid, p_from bigint, p_to bigint, p_after uuid, p_limit int
) RETURNS SETOF uuid
    LANGUAGE sql STABLE
AS $$
    SELECT DISTINCT stream FROM tally.event
    WHERE tenant_id = p_tenant AND position >= p_from AND position < p_to AND stream > p_after
    ORDER BY stream LIMIT p_limit
$$;

-- Positions in [p_from, p_to) of events that have a tag of every group, in order. Groups are
-- numbered from 1; a stream's group names streams, the others tags of the trail.
CREATE FUNCTION tally.find_positions(
    p_tenant uuid, p_from bigint, p_to bigint, p_limit int, p_groups int[], p_tags bytea[],
    p_streams uuid[]
) RETURNS SETOF bigint
    LANGUAGE plpgsql STABLE
    SET enable_seqscan = off
AS $$
DECLARE
    c_groups CONSTANT int := coalesce((SELECT max(g) FROM unnest(p_groups) g), 0);
    v_least bigint := NULL;
    v_count bigint;
    v_driver int := 0;
    v_group int;
BEGIN
    -- The rarest group leads; counting stops where it no longer matters.
    FOR v_group IN 1..c_groups LOOP
        SELECT count(*) INTO v_count FROM unnest(p_groups, p_tags) t (g, tag)
        CROSS JOIN LATERAL (
            SELECT FROM tally.event_tag e WHERE e.tenant_id = p_tenant AND e.tag = t.tag
                AND e.position >= p_from AND e.position < p_to LIMIT 10000) e
        WHERE t.g = v_group;
        IF v_least IS NULL OR v_count < v_least THEN
            v_least := v_count;
            v_driver := v_group;
        END IF;
    END LOOP;
    IF cardinality(p_streams) > 0 THEN
        RETURN QUERY
            SELECT e.position FROM tally.event e
            WHERE e.tenant_id = p_tenant AND e.stream = ANY (p_streams)
                AND e.position >= p_from AND e.position < p_to
                AND tally.has_groups(p_tenant, e.position, c_groups, 0, p_groups, p_tags)
            ORDER BY e.position LIMIT p_limit;
    ELSE
        RETURN QUERY
            SELECT DISTINCT e.position FROM unnest(p_groups, p_tags) t (g, tag)
            CROSS JOIN LATERAL (
                SELECT x.position FROM tally.event_tag x
                WHERE x.tenant_id = p_tenant AND x.tag = t.tag
                    AND x.position >= p_from AND x.position < p_to
                    AND tally.has_groups(
                        p_tenant, x.position, c_groups, v_driver, p_groups, p_tags)
                ORDER BY x.position LIMIT p_limit) e
            WHERE t.g = v_driver
            ORDER BY e.position LIMIT p_limit;
    END IF;
END
$$;

-- Whether an event has a tag of every group but the one that led to it.
CREATE FUNCTION tally.has_groups(
    p_tenant uuid, p_position bigint, p_count int, p_except int, p_groups int[], p_tags bytea[]
) RETURNS boolean
    LANGUAGE sql STABLE
AS $$
    SELECT NOT EXISTS (
        SELECT FROM generate_series(1, p_count) g
        WHERE g <> p_except AND NOT EXISTS (
            SELECT FROM unnest(p_groups, p_tags) t (g, tag)
            JOIN tally.event_tag e ON e.tenant_id = p_tenant AND e.tag = t.tag
                AND e.position = p_position
            WHERE t.g = g.g))
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
