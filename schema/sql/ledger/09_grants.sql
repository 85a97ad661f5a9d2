-- Owners, privileges and row security: default deny, then exactly what each role's work needs.

ALTER FUNCTION tally.lock_head(uuid) OWNER TO tally_appender;
ALTER FUNCTION tally.judge_batch(
    uuid[], uuid[], bigint[], bytea[], int[], int[], text[], bytea[], int[], bytea[], int[],
    bytea[]) OWNER TO tally_appender;
ALTER FUNCTION tally.append_lane(
    uuid[], bigint[], bytea[], int[], text[], bytea[], int[], uuid[], int[], bytea[], int[],
    bytea[]) OWNER TO tally_appender;
ALTER FUNCTION tally.append_tenant(
    uuid, bigint[], bytea[], int[], text[], bytea[], int[], uuid[], int[], bytea[], int[],
    bytea[]) OWNER TO tally_appender;
ALTER FUNCTION tally.prune_requests() OWNER TO tally_appender;
ALTER FUNCTION tally.close_through(uuid, bigint) OWNER TO tally_appender;
ALTER FUNCTION tally.read_progress(text, int) OWNER TO tally_auditor;
ALTER FUNCTION tally.projection_tables(text) OWNER TO tally_owner;
ALTER FUNCTION tally.guard_projection(text) OWNER TO tally_owner;
ALTER FUNCTION tally.register_projection(text, int) OWNER TO tally_owner;
ALTER FUNCTION tally.begin_rebuild(text) OWNER TO tally_owner;
ALTER FUNCTION tally.index_rebuild(text, int) OWNER TO tally_owner;
ALTER FUNCTION tally.swap_rebuild(text, int) OWNER TO tally_owner;
ALTER FUNCTION tally.append_clear(tally.head, int, text) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.open_tenant(uuid, int, bytea, bytea, text) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.create_ledger(uuid, text, uuid, bytea, bytea) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.create_tenant(uuid, bytea, bytea, text) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.set_state(uuid, smallint, int, text) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.record_skip(uuid, text, bigint, uuid, text) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.freeze(uuid, uuid) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.thaw(uuid, uuid) OWNER TO tally_ledgerkinds;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA tally FROM PUBLIC;
GRANT USAGE ON SCHEMA tally TO
    tally_appender, tally_ledgerkinds, tally_writer, tally_operator, tally_projector,
    tally_reader, tally_auditor, tally_purger;
GRANT SELECT ON tally.schema_version, tally.ledger, tally.tenant, tally.head TO
    tally_appender, tally_ledgerkinds, tally_writer, tally_operator, tally_projector,
    tally_reader, tally_auditor;

-- Pure functions are for everybody with the schema.
GRANT EXECUTE ON FUNCTION
    tally.leaf_hash(bytea), tally.genesis_previous(uuid, uuid, int), tally.uint64(bytea),
    tally.leaf(int, uuid, bigint, bigint, uuid, bytea, bytea), tally.part_digests(bytea),
    tally.now_micros() TO
    tally_appender, tally_ledgerkinds, tally_writer, tally_operator, tally_reader, tally_auditor;

-- The owner of the append functions.
GRANT UPDATE ON tally.head TO tally_appender;
GRANT SELECT, INSERT ON tally.event TO tally_appender;
GRANT SELECT, INSERT, DELETE ON tally.append_request TO tally_appender;
GRANT SELECT ON tally.key_fence TO tally_appender;

-- The owner of the functions that write the ledger's own kinds.
GRANT INSERT ON tally.ledger, tally.tenant TO tally_ledgerkinds;
GRANT SELECT, INSERT ON tally.event TO tally_ledgerkinds;
GRANT INSERT, UPDATE ON tally.head TO tally_ledgerkinds;
GRANT EXECUTE ON FUNCTION tally.lock_head(uuid) TO tally_ledgerkinds, tally_writer;

-- Writers append through functions and read; they write no table.
GRANT EXECUTE ON FUNCTION
    tally.append_lane(
        uuid[], bigint[], bytea[], int[], text[], bytea[], int[], uuid[], int[], bytea[], int[],
        bytea[]),
    tally.append_tenant(
        uuid, bigint[], bytea[], int[], text[], bytea[], int[], uuid[], int[], bytea[], int[],
        bytea[]),
    tally.read_heads(uuid[]), tally.read_versions(uuid[], uuid[]),
    tally.judge(uuid, text, uuid[]), tally.read_receipts(uuid, bigint, int),
    tally.prune_requests() TO tally_writer;
GRANT SELECT ON tally.event, tally.append_request, tally.key_fence TO tally_writer;

-- Operators run the functions of the ledger's own kinds.
GRANT EXECUTE ON FUNCTION
    tally.create_ledger(uuid, text, uuid, bytea, bytea),
    tally.create_tenant(uuid, bytea, bytea, text),
    tally.freeze(uuid, uuid), tally.thaw(uuid, uuid),
    tally.record_skip(uuid, text, bigint, uuid, text) TO tally_operator;

-- Readers see one tenant at a time, auditors every log and no key.
GRANT SELECT ON tally.event, tally.key_fence TO tally_reader;
GRANT EXECUTE ON FUNCTION
    tally.read_heads(uuid[]), tally.read_stream(uuid, uuid, int, int),
    tally.read_stream_back(uuid, uuid, int, bigint, int), tally.find_event(uuid, uuid),
    tally.read_positions(uuid, bigint[], bigint), tally.list_streams(uuid, uuid, int),
    tally.page_end(uuid, bigint, bigint, bigint) TO tally_reader;
GRANT SELECT ON tally.event, tally.append_request, tally.key_fence TO tally_auditor;
GRANT EXECUTE ON FUNCTION
    tally.read_heads(uuid[]), tally.read_extent(uuid), tally.read_requests(uuid, text, int),
    tally.stray_tenants(), tally.verify_range(uuid, bigint, bigint) TO tally_auditor;

-- Projectors write what is derived, one tenant at a time; readers read it.
GRANT SELECT ON tally.projection TO
    tally_projector, tally_reader, tally_operator, tally_auditor;
GRANT SELECT, INSERT, UPDATE, DELETE ON tally.cursor, tally.dead_letter TO tally_projector;
GRANT SELECT ON tally.event, tally.key_fence TO tally_projector;
GRANT SELECT ON tally.cursor, tally.dead_letter TO tally_reader;
GRANT SELECT ON tally.cursor, tally.dead_letter TO tally_auditor;
GRANT EXECUTE ON FUNCTION
    tally.move_cursor(uuid, text, int, bigint, bigint),
    tally.put_documents(
        oid, uuid, uuid[], bytea[], bigint[], int[], bytea[], bytea[], uuid[]),
    tally.put_tags(oid, oid, uuid, bytea[], bigint[], bytea[], bytea[]),
    tally.put_dead_letter(uuid, text, int, bigint, text),
    tally.read_progress(text, int), tally.read_documents(uuid, uuid[]), tally.now_micros(), tally.skip_dead_letter(uuid, text, bigint, bigint),
    tally.retry_dead_letters(uuid, text), tally.begin_rebuild(text), tally.index_rebuild(text, int),
    tally.swap_rebuild(text, int), tally.register_projection(text, int) TO tally_projector;
GRANT EXECUTE ON FUNCTION
    tally.read_documents(uuid, uuid[]),
    tally.list_documents(uuid, bytea, uuid, int), 
    tally.changed_streams(uuid, bigint, bigint, uuid, int),
    tally.find_positions(uuid, bigint, bigint, int, int[], bytea[], uuid[]),
    tally.has_groups(uuid, bigint, int, int, int[], bytea[]),
    tally.cut_at(uuid, bigint), tally.close_through(uuid, bigint) TO tally_reader;

-- A policy for all tenants where the role's functions check the tenant themselves, one for the
-- tenant named in the transaction's own setting where they do not.
DO $$
DECLARE
    c_every CONSTANT text := 'tally_appender, tally_writer, tally_ledgerkinds, tally_auditor';
    c_one CONSTANT text := 'tally_reader, tally_projector, tally_purger';
    v_table text;
BEGIN
    FOREACH v_table IN ARRAY ARRAY[
        'event', 'append_request', 'key_fence', 'cursor', 'dead_letter']
    LOOP
        EXECUTE format('ALTER TABLE tally.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY',
            v_table);
        EXECUTE format('CREATE POLICY every_tenant ON tally.%I TO %s USING (true) '
            'WITH CHECK (true)', v_table, c_every);
        EXECUTE format('CREATE POLICY one_tenant ON tally.%I TO %s USING (tenant_id = '
            'nullif(current_setting(''tally.tenant'', true), '''')::uuid)', v_table, c_one);
    END LOOP;
END
$$;

SELECT tally.guard_projection(t) FROM unnest(ARRAY['document', 'event_tag', 'dictionary']) t;
