-- All tables first, and the one that writers begin with before the others: whoever waits for one of
-- them then holds none, and a reader that is in the way is waited for less long than PostgreSQL
-- takes to call it a deadlock.
DO $$
DECLARE
    v_table regclass;
BEGIN
    FOR v_table IN
        SELECT c.oid FROM pg_class c
        WHERE c.relkind = 'r' AND c.relnamespace IN ('tally_keys'::regnamespace)
        ORDER BY c.relname = 'key_epoch' DESC, c.oid
    LOOP
        EXECUTE format('LOCK TABLE %s', v_table);
        PERFORM set_config('lock_timeout', '200ms', true);
    END LOOP;
END
$$;

-- Everything belongs to one role, whoever has installed it.
ALTER SCHEMA tally_keys OWNER TO tally_key_owner;
DO $$
DECLARE
    v_object record;
BEGIN
    FOR v_object IN
        SELECT 'TABLE' AS kind, c.oid::regclass::text AS name FROM pg_class c
        WHERE c.relnamespace = 'tally_keys'::regnamespace AND c.relkind = 'r'
            AND c.relowner <> 'tally_key_owner'::regrole
        UNION ALL
        SELECT 'FUNCTION', p.oid::regprocedure::text FROM pg_proc p
        WHERE p.pronamespace = 'tally_keys'::regnamespace
            AND p.proowner <> 'tally_key_owner'::regrole
    LOOP
        EXECUTE format('ALTER %s %s OWNER TO tally_key_owner', v_object.kind, v_object.name);
    END LOOP;
END
$$;
REVOKE ALL ON SCHEMA tally_keys FROM tally_key_writer, tally_key_keeper;
REVOKE ALL ON ALL TABLES IN SCHEMA tally_keys FROM PUBLIC, tally_key_writer, tally_key_keeper;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA tally_keys FROM tally_key_writer, tally_key_keeper;

-- What earlier editions had and this one has not: functions with other arguments or results.
DROP FUNCTION IF EXISTS
    tally_keys.activate_epoch(uuid, bigint),
    tally_keys.create_wrap(uuid, bigint, bytea, bytea),
    tally_keys.current_epoch(uuid),
    tally_keys.deactivate_epochs(uuid, bigint, bigint),
    tally_keys.deactivate_lost(uuid, bigint[], bigint),
    tally_keys.restore_destruction(uuid, uuid, bytea[], boolean, bigint),
    tally_keys.restore_epoch(uuid, bigint, text, boolean, bigint),
    tally_keys.restore_keys(
        uuid, bytea[], smallint[], bytea[], text[], int[], bytea[], bytea[], bigint[], bigint),
    tally_keys.restore_wraps(uuid[], bigint[], bytea[], bytea[]);

-- Up to edition 1 their results were rows of tables.
DROP FUNCTION IF EXISTS
    tally_keys.find_stale_wraps(bigint, int),
    tally_keys.hold_wrap(uuid),
    tally_keys.live_keys(uuid[]),
    tally_keys.lock_wraps(uuid[]),
    tally_keys.read_wrap(uuid),
    tally_keys.read_wraps(),
    tally_keys.sample_wraps(int);
