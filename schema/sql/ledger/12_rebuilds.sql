-- The versions of projections: a next one is built beside the one in use and put in its place, projections
-- of the application make themselves known, and what nobody wants any more is forgotten.

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
            EXECUTE format('CREATE TABLE tally.%I (LIKE tally.%I INCLUDING STORAGE INCLUDING CONSTRAINTS)',
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
    c_reader CONSTANT text := CASE p_home WHEN 'tally' THEN 'tally_reader' ELSE 'tally_table_reader' END;
BEGIN
    EXECUTE format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY',
        p_home, p_table);
    EXECUTE format('CREATE POLICY one_tenant ON %I.%I TO tally_projector, %I '
        'USING (tenant_id = nullif(current_setting(''tally.tenant'', true), '''')::uuid)',
        p_home, p_table, c_reader);
    EXECUTE format('GRANT SELECT ON %I.%I TO %I', p_home, p_table, c_reader);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I.%I TO tally_projector',
        p_home, p_table);
END
$$;

-- Makes a projection of the application known, or a newer version of it the live one.
CREATE FUNCTION tally.register_projection(p_name text, p_version int) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Erasures wait for each projection, so a version is near the one that there is.
    IF NOT coalesce(p_name ~ '^[a-z0-9_-]{1,63}$' AND p_version BETWEEN 1 AND 1000 + coalesce(
            (SELECT latest FROM tally.projection WHERE name = p_name), 0)
        AND NOT EXISTS (SELECT FROM tally.projection_tables(p_name)), false)
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
