-- All tables first, and the one that writers begin with before the others: whoever waits for one of
-- them then holds none, and a reader that is in the way is waited for less long than PostgreSQL
-- takes to call it a deadlock.
DO $$
DECLARE
    v_table regclass;
BEGIN
    FOR v_table IN
        SELECT c.oid FROM pg_class c
        WHERE c.relkind = 'r'
            AND c.relnamespace IN ('tally'::regnamespace, 'tally_tables'::regnamespace)
        ORDER BY c.relname = 'head' DESC, c.oid
    LOOP
        EXECUTE format('LOCK TABLE %s', v_table);
        PERFORM set_config('lock_timeout', '200ms', true);
    END LOOP;
END
$$;

-- Schemas and tables belong to one role, whoever has installed or restored them.
DO $$
DECLARE
    v_object record;
BEGIN
    FOR v_object IN
        SELECT 'SCHEMA' AS kind, quote_ident(nspname) AS name FROM pg_namespace
        WHERE nspname IN ('tally', 'tally_tables') AND nspowner <> 'tally_owner'::regrole
        UNION ALL
        SELECT 'TABLE', oid::regclass::text FROM pg_class
        WHERE relnamespace IN ('tally'::regnamespace, 'tally_tables'::regnamespace)
            AND relkind = 'r' AND relowner <> 'tally_owner'::regrole
    LOOP
        EXECUTE format('ALTER %s %s OWNER TO tally_owner', v_object.kind, v_object.name);
    END LOOP;
END
$$;

-- Rights of earlier editions go; the functions and guards that follow give those of this one.
DO $$
DECLARE
    c_roles CONSTANT name[] := ARRAY[
        'tally_appender', 'tally_ledgerkinds', 'tally_writer', 'tally_operator', 'tally_executor',
        'tally_projector', 'tally_reader', 'tally_table_reader', 'tally_auditor', 'tally_purger'];
    c_all CONSTANT text := array_to_string(c_roles, ', ');
    v_schema text;
    v_function record;
BEGIN
    FOREACH v_schema IN ARRAY ARRAY['tally', 'tally_tables'] LOOP
        EXECUTE format('REVOKE ALL ON SCHEMA %I FROM %s', v_schema, c_all);
        EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM %s', v_schema, c_all);
    END LOOP;
    -- An owner whose own right is revoked would not get it back.
    FOR v_function IN
        SELECT oid::regprocedure AS name, proowner::regrole::name AS owner FROM pg_proc
        WHERE pronamespace = 'tally'::regnamespace
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM %s', v_function.name,
            array_to_string(array_remove(c_roles, v_function.owner), ', '));
    END LOOP;
END
$$;

-- Only whoever may make functions in a schema can be given one; the guards take it back.
GRANT CREATE ON SCHEMA tally TO tally_appender, tally_ledgerkinds, tally_auditor, tally_purger;
