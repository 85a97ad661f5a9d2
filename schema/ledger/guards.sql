-- What guards the tables: triggers for whoever has more rights than the work needs, rights for each
-- role's work and no more, and row security. Applied again with each edition of the functions.

REVOKE CREATE ON SCHEMA tally FROM tally_appender, tally_ledgerkinds, tally_auditor, tally_purger;

CREATE OR REPLACE TRIGGER event_rows_are_kept
    BEFORE DELETE ON tally.event
    FOR EACH ROW EXECUTE FUNCTION tally.refuse_change();

CREATE OR REPLACE TRIGGER event_rows_are_immutable
    BEFORE UPDATE ON tally.event
    FOR EACH ROW EXECUTE FUNCTION tally.allow_purge();

CREATE OR REPLACE TRIGGER cursor_is_in_the_log
    BEFORE INSERT OR UPDATE ON tally.cursor
    FOR EACH ROW EXECUTE FUNCTION tally.check_cursor();

CREATE OR REPLACE TRIGGER dead_letter_is_in_the_log
    BEFORE INSERT OR UPDATE ON tally.dead_letter
    FOR EACH ROW EXECUTE FUNCTION tally.check_dead_letter();

CREATE OR REPLACE TRIGGER projection_erasure_follows_an_erasure
    BEFORE INSERT OR UPDATE ON tally.projection_erasure
    FOR EACH ROW EXECUTE FUNCTION tally.check_projection_erasure();

-- Row security does not bind TRUNCATE, and owners always have it.
DO $$
DECLARE
    v_table text;
BEGIN
    FOREACH v_table IN ARRAY ARRAY[
        'ledger', 'tenant', 'head', 'event', 'key_fence', 'fenced_key', 'erasure', 'hold',
        'operator', 'owner', 'request', 'approval', 'epoch_receipt', 'projection_erasure',
        'restriction', 'restore', 'restore_conflict']
    LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER %1$I_is_never_truncated '
            'BEFORE TRUNCATE ON tally.%1$I FOR EACH STATEMENT '
            'EXECUTE FUNCTION tally.refuse_change()', v_table);
    END LOOP;
END
$$;

GRANT USAGE ON SCHEMA tally TO
    tally_appender, tally_ledgerkinds, tally_writer, tally_operator, tally_executor,
    tally_projector, tally_reader, tally_auditor, tally_purger;
GRANT SELECT ON
    tally.schema_version, tally.schema_functions, tally.ledger, tally.tenant, tally.head TO
    tally_appender, tally_ledgerkinds, tally_writer, tally_operator, tally_executor,
    tally_projector, tally_reader, tally_auditor;

-- The owner of the append functions.
GRANT UPDATE ON tally.head TO tally_appender;
GRANT SELECT, INSERT ON tally.event TO tally_appender;
GRANT SELECT ON tally.key_fence, tally.fenced_key, tally.restriction, tally.restore TO
    tally_appender;

-- The owner of the functions that write the ledger's own kinds.
GRANT INSERT ON tally.ledger, tally.tenant TO tally_ledgerkinds;
GRANT SELECT, INSERT ON tally.event TO tally_ledgerkinds;
GRANT INSERT, UPDATE ON tally.head TO tally_ledgerkinds;
GRANT SELECT, INSERT, UPDATE ON
    tally.operator, tally.owner, tally.request, tally.approval, tally.erasure, tally.hold,
    tally.key_fence, tally.restriction, tally.restore TO tally_ledgerkinds;
GRANT SELECT, INSERT ON tally.fenced_key, tally.epoch_receipt, tally.restore_conflict TO
    tally_ledgerkinds;
GRANT SELECT, INSERT, DELETE ON tally.erasure_event TO tally_ledgerkinds;
GRANT SELECT ON tally.projection_erasure TO tally_ledgerkinds;
GRANT SELECT, DELETE ON tally.cursor, tally.dead_letter TO tally_ledgerkinds;
GRANT SELECT, UPDATE (removed_at) ON tally.projection TO tally_ledgerkinds;
GRANT SELECT ON tally.table_definition TO tally_ledgerkinds;
GRANT SELECT, INSERT ON tally.table_alive TO tally_ledgerkinds;

-- The owner of the function that empties bodies, which a trigger watches; it writes nothing else.
GRANT SELECT (slot, position, body), UPDATE (body) ON tally.event TO tally_purger;
GRANT SELECT ON tally.key_fence, tally.fenced_key TO tally_purger;
GRANT SELECT (slot, erasure_id, subject_tag, state, purged_at, destroyed_positions)
    ON tally.erasure TO tally_purger;

-- Writers append through functions and read; they write no table.
GRANT SELECT (slot, position, stream, version, event_id, leaf) ON tally.event TO tally_writer;
GRANT SELECT ON tally.key_fence TO tally_writer;

-- Operators decide.
GRANT SELECT ON
    tally.operator, tally.owner, tally.request, tally.approval, tally.erasure,
    tally.erasure_event, tally.hold,
    tally.epoch_receipt, tally.key_fence, tally.fenced_key, tally.restriction, tally.restore,
    tally.restore_conflict TO
    tally_operator, tally_executor, tally_auditor;

-- Executors carry decisions out, and can make none: this role belongs where the keys are.
GRANT SELECT ON tally.restriction TO tally_reader;

-- Readers see one tenant at a time, auditors every log and no key.
GRANT SELECT ON tally.event, tally.key_fence TO tally_reader;
GRANT SELECT ON tally.event, tally.key_fence TO tally_auditor;

-- Projectors write what is derived, one tenant at a time; readers read it. The tables of table
-- projections have values of persons in the clear: only tally_table_reader reads them, and nothing
-- else.
GRANT USAGE ON SCHEMA tally_tables TO tally_projector, tally_table_reader;
GRANT SELECT ON tally.table_definition TO
    tally_projector, tally_reader, tally_operator, tally_auditor;
GRANT SELECT ON tally.projection TO
    tally_projector, tally_reader, tally_operator, tally_auditor;
GRANT SELECT, INSERT, UPDATE (position, updated_at) ON tally.cursor TO tally_projector;
GRANT SELECT, INSERT, UPDATE (reason, failed_at, skipped_by), DELETE ON tally.dead_letter TO
    tally_projector;
GRANT SELECT ON tally.event, tally.key_fence, tally.erasure_event TO tally_projector;
GRANT SELECT, INSERT ON tally.projection_erasure TO tally_projector;
GRANT SELECT ON tally.cursor, tally.dead_letter TO tally_reader;
GRANT SELECT ON tally.cursor, tally.dead_letter TO tally_auditor;

-- A policy for all tenants where the role's functions check the tenant themselves, one for the
-- tenant named in the transaction's own setting where they do not.
DO $$
DECLARE
    c_every CONSTANT text := 'tally_appender, tally_writer, tally_ledgerkinds, tally_auditor, '
        'tally_operator, tally_executor';
    c_one CONSTANT text := 'tally_reader, tally_projector, tally_purger';
    v_table text;
BEGIN
    FOREACH v_table IN ARRAY ARRAY[
        'event', 'key_fence', 'fenced_key', 'cursor', 'dead_letter', 'projection_erasure']
    LOOP
        EXECUTE format('ALTER TABLE tally.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY',
            v_table);
        EXECUTE format('DROP POLICY IF EXISTS every_tenant ON tally.%I', v_table);
        EXECUTE format('CREATE POLICY every_tenant ON tally.%I TO %s USING (true) '
            'WITH CHECK (true)', v_table, c_every);
        EXECUTE format('DROP POLICY IF EXISTS one_tenant ON tally.%I', v_table);
        EXECUTE format('CREATE POLICY one_tenant ON tally.%I TO %s USING (slot = '
            'nullif(current_setting(''tally.slot'', true), '''')::int)', v_table, c_one);
    END LOOP;
END
$$;

-- Tables of projections, of which a rebuild makes new ones: those in use and those that it left.
-- One that is being filled is guarded when it takes its place.
DO $$
DECLARE
    v_table record;
BEGIN
    FOR v_table IN
        SELECT c.relnamespace::regnamespace::text AS home, c.relname::text AS name,
            c.relname LIKE '%\_next' AS is_next
        FROM pg_class c
        WHERE c.relkind = 'r' AND (c.relnamespace = 'tally_tables'::regnamespace
            OR c.relnamespace = 'tally'::regnamespace
                AND c.relname ~ '^(document|snapshot|event_tag|dictionary)(_old|_next)?$')
    LOOP
        IF v_table.is_next THEN
            EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I.%I TO tally_projector',
                v_table.home, v_table.name);
        ELSE
            PERFORM tally.guard_projection(v_table.home, v_table.name);
        END IF;
    END LOOP;
END
$$;
