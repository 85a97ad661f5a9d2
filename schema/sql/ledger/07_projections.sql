-- What is derived from the log and can be built again from it: documents, the trail, how far each
-- projection has come, and the events that stopped one. Tables hold ciphertext and blind tags only.
SET LOCAL ROLE tally_owner;

-- The version of each projection that readers see, and the newest that was begun: a rebuild makes the
-- next one beside it.
CREATE TABLE tally.projection (
    name text PRIMARY KEY,
    version int NOT NULL,
    latest int NOT NULL,
    removed_at bigint
);

-- position counts the events that were applied.
CREATE TABLE tally.cursor (
    tenant_id uuid NOT NULL,
    projection text NOT NULL,
    version int NOT NULL,
    position bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, projection, version)
);

-- An event that a projection could not apply; it holds up its own tenant and nobody else.
CREATE TABLE tally.dead_letter (
    tenant_id uuid NOT NULL,
    projection text NOT NULL,
    position bigint NOT NULL,
    reason text NOT NULL,
    failed_at bigint NOT NULL,
    skipped_by bigint,
    PRIMARY KEY (tenant_id, projection, position)
);

-- The newest document of each stream that has one; digest is its leaf in the state root.
CREATE TABLE tally.document (
    tenant_id uuid NOT NULL,
    stream uuid NOT NULL,
    collection_tag bytea NOT NULL,
    position bigint NOT NULL,
    version int NOT NULL,
    digest bytea NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (tenant_id, stream)
);
ALTER TABLE tally.document ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX document_by_collection ON tally.document (tenant_id, collection_tag, stream);

-- Documents of long streams at versions in between, for looks into the past; nobody depends on them.
CREATE TABLE tally.snapshot (
    tenant_id uuid NOT NULL,
    stream uuid NOT NULL,
    version int NOT NULL,
    position bigint NOT NULL,
    fold smallint NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (tenant_id, stream, version)
);
ALTER TABLE tally.snapshot ALTER COLUMN body SET STORAGE EXTERNAL;

-- The trail: which events have which type, actor, subject or collection.
CREATE TABLE tally.event_tag (
    tenant_id uuid NOT NULL,
    tag bytea NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (tenant_id, tag, position)
);

-- The types and collections that tags stand for, so that a wildcard can be expanded.
CREATE TABLE tally.dictionary (
    tenant_id uuid NOT NULL,
    tag bytea NOT NULL,
    word_sealed bytea NOT NULL,
    PRIMARY KEY (tenant_id, tag)
);
INSERT INTO tally.projection VALUES ('documents', 1, 1, NULL), ('trail', 1, 1, NULL);

-- What a table projection declares, in canonical JSON, for each version that exists.
CREATE TABLE tally.table_definition (
    projection text NOT NULL,
    version int NOT NULL,
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
    IF coalesce(v_position, 0) <> p_position THEN
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

-- The tables that the ledger keeps for a projection, and their schema; none for one of the application's
-- own.
CREATE FUNCTION tally.projection_tables(p_projection text) RETURNS TABLE (home text, name text)
    LANGUAGE sql STABLE
AS $$
    SELECT 'tally', t FROM unnest(CASE p_projection
        WHEN 'documents' THEN ARRAY['document']
        WHEN 'trail' THEN ARRAY['event_tag', 'dictionary'] END) t
    UNION
    SELECT 'tally_tables', d.projection FROM tally.table_definition d
    WHERE d.projection = p_projection
$$;

-- Begins the next version of a projection: empty tables without indexes beside the live ones, into
-- which COPY may write because no row security binds it yet. A table projection may be given another
-- definition with it. Gives the version.
CREATE FUNCTION tally.begin_rebuild(p_projection text, p_definition text) RETURNS int
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_version int;
    v_table record;
BEGIN
    UPDATE tally.projection p SET latest = latest + 1
    WHERE p.name = p_projection AND removed_at IS NULL
        AND EXISTS (SELECT FROM tally.projection_tables(p_projection))
    RETURNING latest INTO v_version;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the ledger keeps no projection of that name' USING ERRCODE = 'TL004';
    END IF;
    FOR v_table IN SELECT * FROM tally.projection_tables(p_projection) LOOP
        EXECUTE format('DROP TABLE IF EXISTS %I.%I', v_table.home, v_table.name || '_next');
        IF v_table.home = 'tally_tables' THEN
            PERFORM tally.create_table(p_projection, '_next', v_version, coalesce(p_definition, (
                SELECT d.definition FROM tally.table_definition d
                JOIN tally.projection p ON p.name = d.projection AND p.version = d.version
                WHERE d.projection = p_projection)));
        ELSE
            EXECUTE format('CREATE TABLE tally.%I (LIKE tally.%I INCLUDING STORAGE)',
                v_table.name || '_next', v_table.name);
        END IF;
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I.%I TO tally_projector',
            v_table.home, v_table.name || '_next');
    END LOOP;
    RETURN v_version;
END
$$;

-- Gives the next version its indexes, so that events can be applied to it one page at a time.
CREATE FUNCTION tally.index_rebuild(p_projection text, p_version int) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_table record;
BEGIN
    PERFORM tally.require_newest(p_projection, p_version);
    FOR v_table IN SELECT * FROM tally.projection_tables(p_projection) LOOP
        IF v_table.home = 'tally_tables' THEN
            PERFORM tally.index_table(p_projection, '_next', p_version);
        ELSE
            EXECUTE format('ALTER TABLE tally.%I ADD PRIMARY KEY (%s)', v_table.name || '_next',
                CASE v_table.name WHEN 'document' THEN 'tenant_id, stream'
                    WHEN 'event_tag' THEN 'tenant_id, tag, position' ELSE 'tenant_id, tag' END);
        END IF;
        IF v_table.name = 'document' THEN
            CREATE INDEX ON tally.document_next (tenant_id, collection_tag, stream);
        END IF;
        EXECUTE format('ANALYZE %I.%I', v_table.home, v_table.name || '_next');
    END LOOP;
END
$$;

-- Requires that a version is the one that was begun last, and that no crash has emptied it.
CREATE FUNCTION tally.require_newest(p_projection text, p_version int) RETURNS void
    LANGUAGE plpgsql STABLE
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM tally.projection
        WHERE name = p_projection AND latest = p_version)
    THEN
        RAISE EXCEPTION 'another rebuild was begun, or an erasure came, meanwhile'
            USING ERRCODE = 'TL005';
    END IF;
    IF tally.is_emptied(p_projection, p_version) THEN
        RAISE EXCEPTION 'the server has crashed meanwhile' USING ERRCODE = 'TL005';
    END IF;
END
$$;

-- Puts the next version into the place of the live one, which stays as `_old`.
CREATE FUNCTION tally.swap_rebuild(p_projection text, p_version int) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET lock_timeout = '200ms'
AS $$
DECLARE
    v_table record;
BEGIN
    PERFORM FROM tally.projection WHERE name = p_projection FOR UPDATE;
    PERFORM tally.require_newest(p_projection, p_version);
    FOR v_table IN SELECT * FROM tally.projection_tables(p_projection) LOOP
        EXECUTE format('DROP TABLE IF EXISTS %I.%I', v_table.home, v_table.name || '_old');
        EXECUTE format('ALTER TABLE %I.%I RENAME TO %I', v_table.home, v_table.name,
            v_table.name || '_old');
        EXECUTE format('ALTER TABLE %I.%I RENAME TO %I', v_table.home, v_table.name || '_next',
            v_table.name);
        PERFORM tally.guard_projection(v_table.home, v_table.name);
    END LOOP;
    UPDATE tally.projection SET version = p_version WHERE name = p_projection;
    UPDATE tally.table_definition SET is_built = true
    WHERE projection = p_projection AND version = p_version;
    IF p_projection = 'documents' THEN
        TRUNCATE tally.snapshot;
    END IF;
    DELETE FROM tally.table_definition WHERE projection = p_projection AND version < p_version;
END
$$;

-- Row security and privileges of a projection's table.
CREATE FUNCTION tally.guard_projection(p_home text, p_table text) RETURNS void
    LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    c_others CONSTANT text := CASE p_home WHEN 'tally' THEN 'tally_purger' ELSE 'tally_table_reader' END;
BEGIN
    EXECUTE format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY',
        p_home, p_table);
    EXECUTE format('CREATE POLICY one_tenant ON %I.%I TO tally_reader, tally_projector, %I '
        'USING (tenant_id = nullif(current_setting(''tally.tenant'', true), '''')::uuid)',
        p_home, p_table, c_others);
    EXECUTE format('GRANT SELECT ON %I.%I TO tally_reader', p_home, p_table);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I.%I TO tally_projector',
        p_home, p_table);
    IF p_home = 'tally_tables' THEN
        EXECUTE format('GRANT SELECT ON %I.%I TO tally_table_reader', p_home, p_table);
    END IF;
END
$$;

-- Makes a projection of the application known, or a newer version of it the live one.
CREATE FUNCTION tally.register_projection(p_name text, p_version int) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF p_name !~ '^[a-z0-9_-]{1,63}$' OR p_version < 1
        OR EXISTS (SELECT FROM tally.projection_tables(p_name))
    THEN
        RAISE EXCEPTION 'not a name or version for a projection of your own'
            USING ERRCODE = 'TL001';
    END IF;
    INSERT INTO tally.projection AS p VALUES (p_name, p_version, p_version, NULL)
    ON CONFLICT (name) DO UPDATE SET version = p_version, latest = p_version, removed_at = NULL
    WHERE p.version < p_version;
    IF NOT FOUND AND EXISTS (
        SELECT FROM tally.projection WHERE name = p_name AND removed_at IS NOT NULL)
    THEN
        RAISE EXCEPTION 'this version was removed: its tables may hold who was erased since'
            USING ERRCODE = 'TL010', HINT = 'make a new version with new tables';
    END IF;
END
$$;

-- Forgets a projection that nobody wants any more: erasures do not wait for it. The table of a table
-- projection goes with it; tables of the application's own are the application's to drop, and such a
-- version cannot come back.
CREATE FUNCTION tally.remove_projection(p_name text) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_head tally.head;
BEGIN
    IF p_name IN ('documents', 'trail') THEN
        RAISE EXCEPTION 'documents and trail are the ledger''s own' USING ERRCODE = 'TL001';
    END IF;
    SELECT h.* INTO STRICT v_head FROM tally.tenant t, tally.lock_head(t.tenant_id) h
    WHERE t.slot = 0;
    UPDATE tally.projection SET removed_at = tally.now_micros()
    WHERE name = p_name AND removed_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no projection of that name' USING ERRCODE = 'TL004';
    END IF;
    DELETE FROM tally.cursor WHERE projection = p_name;
    DELETE FROM tally.dead_letter WHERE projection = p_name;
    PERFORM tally.drop_table(p_name);
    PERFORM tally.append_clear(v_head, 15, format(
        '{"action":"removeProjection","projection":"%s"}', p_name));
END
$$;
