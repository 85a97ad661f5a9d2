-- Owners, privileges and row security: default deny, then exactly what each role's work needs.

-- What is given to nobody below is the owner's, whoever installs the schema.
DO $$
DECLARE
    v_function regprocedure;
BEGIN
    FOR v_function IN SELECT oid FROM pg_proc WHERE pronamespace = 'tally'::regnamespace LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO tally_owner', v_function);
    END LOOP;
END
$$;
ALTER FUNCTION tally.check_cursor() OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.check_dead_letter() OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.check_projection_erasure() OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.lock_head(uuid) OWNER TO tally_appender;
ALTER FUNCTION tally.is_permitted(uuid, smallint) OWNER TO tally_appender;
ALTER FUNCTION tally.event_kind() OWNER TO tally_appender;
ALTER FUNCTION tally.purposed_restore(text) OWNER TO tally_appender;
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
ALTER FUNCTION tally.find_event(uuid, uuid) OWNER TO tally_auditor;
ALTER FUNCTION tally.revive_tables() OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.append_clear(tally.head, int, text) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.open_tenant(uuid, int, bytea, bytea, text, uuid, bigint) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.create_ledger(uuid, text, uuid, bytea, bytea, boolean) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.add_tenant(uuid, bytea, bytea, text, uuid, bigint) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.create_tenant(uuid, bytea, bytea, text) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.set_state(uuid, smallint, int, text) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.record_skip(uuid, text, bigint, uuid, text, text) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.freeze(uuid, uuid, smallint) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.thaw(uuid, uuid) OWNER TO tally_ledgerkinds;

ALTER FUNCTION tally.remove_projection(text) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.has_single_operator() OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.take_approval(tally.request, bytea) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.is_approved(uuid) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.is_founding() OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.add_founder(bytea) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.lock_request(uuid) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.add_operator(tally.head, tally.request, bytea) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.end_operator(tally.head, tally.request, uuid) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.open_request(uuid, uuid, int, bytea, bigint, uuid, bytea)
    OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.approve_request(uuid, bytea) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.settle_request(uuid, bytea) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.refuse_request(uuid, text) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.open_erasure(tally.head, tally.request, jsonb, bytea)
    OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.erasure_step(uuid, text[], text, text, text)
    OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.lock_erasure(uuid) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.hold_of(uuid, bytea) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.check_hold(uuid) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.fence_erasure(uuid, bytea[]) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.record_destruction(uuid, bigint) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.note_purged(uuid) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.erasure_count(uuid) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.pending_erasures(text, int) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.waiting_projections(uuid) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.waiting_clones(uuid) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.note_vacuumed(uuid) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.finish_purge(uuid, bigint) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.record_epoch(bigint, text, bigint, text) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.advance_erasures(bigint) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.place_hold(tally.head, uuid, jsonb) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.release_hold(tally.head, uuid, uuid) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.readmit(tally.head, uuid, uuid) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.open_restore(tally.request, jsonb) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.open_clone(tally.restore, jsonb) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.release_clone(tally.restore, smallint) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.begin_restore(uuid) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.stop_restore(uuid) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.end_restore(uuid, text, bigint, uuid[], bytea) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.forget_digests(uuid, bigint[]) OWNER TO tally_appender;
ALTER FUNCTION tally.forget_digest(uuid, bigint) OWNER TO tally_appender;
ALTER FUNCTION tally.is_epoch(bigint) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.list_parts(uuid, bigint[]) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.purge_parts(uuid, bigint[]) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.empty_parts(uuid, bigint[]) OWNER TO tally_purger;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA tally FROM PUBLIC;
GRANT USAGE ON SCHEMA tally TO
    tally_appender, tally_ledgerkinds, tally_writer, tally_operator, tally_executor, tally_projector,
    tally_reader, tally_auditor, tally_purger;
GRANT SELECT ON tally.schema_version, tally.ledger, tally.tenant, tally.head TO
    tally_appender, tally_ledgerkinds, tally_writer, tally_operator, tally_executor, tally_projector,
    tally_reader, tally_auditor;

-- Pure functions are for everybody with the schema.
GRANT EXECUTE ON FUNCTION
    tally.leaf_hash(bytea), tally.genesis_previous(uuid, uuid, int), tally.uint64(bytea),
    tally.leaf(int, uuid, bigint, bigint, uuid, bytea, bytea), tally.part_digests(bytea),
    tally.now_micros(), tally.hex(uuid), tally.quoted(bytea) TO
    tally_appender, tally_ledgerkinds, tally_writer, tally_operator, tally_reader, tally_auditor;

-- The owner of the append functions.
GRANT UPDATE ON tally.head TO tally_appender;
GRANT SELECT, INSERT ON tally.event TO tally_appender;
GRANT SELECT, INSERT, UPDATE (digest), DELETE ON tally.append_request TO tally_appender;
GRANT SELECT ON tally.key_fence, tally.fenced_key, tally.restriction, tally.restore TO
    tally_appender;

-- The owner of the functions that write the ledger's own kinds.
GRANT EXECUTE ON FUNCTION tally.json(text) TO tally_ledgerkinds;
GRANT INSERT ON tally.ledger, tally.tenant TO tally_ledgerkinds;
GRANT SELECT, INSERT ON tally.event TO tally_ledgerkinds;
GRANT INSERT, UPDATE ON tally.head TO tally_ledgerkinds;
GRANT EXECUTE ON FUNCTION tally.lock_head(uuid) TO tally_ledgerkinds, tally_writer;
GRANT SELECT, INSERT, UPDATE ON
    tally.operator, tally.request, tally.approval, tally.erasure, tally.hold, tally.key_fence,
    tally.restriction, tally.restore TO tally_ledgerkinds;
GRANT SELECT, INSERT ON tally.fenced_key, tally.epoch_receipt, tally.restore_conflict TO
    tally_ledgerkinds;
GRANT SELECT, INSERT, DELETE ON tally.erasure_event TO tally_ledgerkinds;
GRANT SELECT ON tally.projection_erasure TO tally_ledgerkinds;
GRANT SELECT, DELETE ON tally.cursor, tally.dead_letter TO tally_ledgerkinds;
GRANT SELECT, UPDATE (removed_at) ON tally.projection TO tally_ledgerkinds;
GRANT SELECT ON tally.table_definition TO tally_ledgerkinds;
GRANT SELECT, INSERT ON tally.table_alive TO tally_ledgerkinds;
GRANT EXECUTE ON FUNCTION tally.drop_table(text), tally.is_emptied(text, int) TO tally_ledgerkinds;

-- The owner of the function that empties bodies, which a trigger watches; it writes nothing else.
GRANT SELECT (tenant_id, position, body), UPDATE (body) ON tally.event TO tally_purger;
GRANT SELECT ON tally.key_fence, tally.fenced_key TO tally_purger;
GRANT SELECT (erasure_id, tenant_id, subject_tag, state, purged_at, destroyed_positions)
    ON tally.erasure TO tally_purger;
GRANT EXECUTE ON FUNCTION
    tally.purge_body(uuid, uuid, boolean, bytea), tally.is_purge(uuid, bytea, bytea) TO tally_purger;
GRANT EXECUTE ON FUNCTION
    tally.purge_body(uuid, uuid, boolean, bytea), tally.empty_parts(uuid, bigint[]) TO
    tally_ledgerkinds;
GRANT EXECUTE ON FUNCTION tally.forget_digests(uuid, bigint[]) TO tally_ledgerkinds;

-- Writers append through functions and read; they write no table.
GRANT EXECUTE ON FUNCTION
    tally.append_lane(
        uuid[], bigint[], bytea[], int[], text[], bytea[], int[], uuid[], int[], bytea[], int[],
        bytea[]),
    tally.append_tenant(
        uuid, bigint[], bytea[], int[], text[], bytea[], int[], uuid[], int[], bytea[], int[],
        bytea[]),
    tally.read_heads(uuid[]), tally.read_versions(uuid[], uuid[]),
    tally.judge(uuid, text, uuid[]), tally.is_permitted(uuid, smallint), tally.read_receipts(uuid, bigint, int),
    tally.prune_requests() TO tally_writer;
GRANT SELECT (tenant_id, position, stream, version, leaf) ON tally.event TO tally_writer;
GRANT SELECT ON tally.append_request, tally.key_fence TO tally_writer;

-- Operators decide.
GRANT EXECUTE ON FUNCTION
    tally.create_ledger(uuid, text, uuid, bytea, bytea, boolean),
    tally.create_tenant(uuid, bytea, bytea, text),
    tally.freeze(uuid, uuid, smallint), tally.thaw(uuid, uuid),
    tally.record_skip(uuid, text, bigint, uuid, text, text), tally.remove_projection(text),
    tally.has_single_operator(), tally.is_founding(), tally.add_founder(bytea),
    tally.open_request(uuid, uuid, int, bytea, bigint, uuid, bytea),
    tally.approve_request(uuid, bytea), tally.refuse_request(uuid, text),
    tally.is_approved(uuid), tally.hold_of(uuid, bytea), tally.waiting_clones(uuid)
    TO tally_operator;
GRANT SELECT ON
    tally.operator, tally.request, tally.approval, tally.erasure, tally.erasure_event, tally.hold,
    tally.epoch_receipt, tally.key_fence, tally.fenced_key, tally.restriction, tally.restore,
    tally.restore_conflict TO
    tally_operator, tally_executor, tally_auditor;

-- Executors carry decisions out, and can make none: this role belongs where the keys are.
GRANT EXECUTE ON FUNCTION
    tally.has_single_operator(), tally.is_approved(uuid), tally.hold_of(uuid, bytea),
    tally.check_hold(uuid),
    tally.fence_erasure(uuid, bytea[]), tally.list_parts(uuid, bigint[]),
    tally.record_destruction(uuid, bigint), tally.purge_parts(uuid, bigint[]), tally.note_purged(uuid), tally.waiting_projections(uuid), tally.waiting_clones(uuid), tally.note_vacuumed(uuid),
    tally.finish_purge(uuid, bigint), tally.record_epoch(bigint, text, bigint, text),
    tally.advance_erasures(bigint),
    tally.begin_restore(uuid), tally.stop_restore(uuid), tally.end_restore(uuid, text, bigint, uuid[], bytea)
    TO tally_executor;
GRANT SELECT ON tally.restriction TO tally_reader;

-- Readers see one tenant at a time, auditors every log and no key.
GRANT SELECT ON tally.event, tally.key_fence TO tally_reader;
GRANT EXECUTE ON FUNCTION
    tally.read_heads(uuid[]), tally.read_stream(uuid, uuid, int, int, bigint),
    tally.read_stream_back(uuid, uuid, int, bigint, int, bigint), tally.find_event(uuid, uuid),
    tally.read_positions(uuid, bigint[], bigint), tally.read_newest(uuid, uuid[], int[], int, bigint),
    tally.list_streams(uuid, uuid, int, bigint), tally.newest_streams(uuid, bigint, bigint, int, bigint),
    tally.own_positions(uuid, bigint, bigint, int, int[]),
    tally.page_end(uuid, bigint, bigint, bigint) TO tally_reader;
GRANT SELECT ON tally.event, tally.append_request, tally.key_fence TO tally_auditor;
GRANT EXECUTE ON FUNCTION
    tally.read_heads(uuid[]), tally.read_extent(uuid), tally.read_requests(uuid, text, int),
    tally.stray_tenants(), tally.verify_range(uuid, bigint, bigint),
    tally.excused_parts(uuid, bigint, bigint), tally.judge_body(bytea, bytea, int[])
    TO tally_auditor;

-- Projectors write what is derived, one tenant at a time; readers read it. The tables of table projections
-- have values of persons in the clear: only tally_table_reader reads them, and nothing else.
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
GRANT EXECUTE ON FUNCTION
    tally.move_cursor(uuid, text, int, bigint, bigint),
    tally.put_documents(
        oid, uuid, smallint, uuid[], bytea[], bigint[], int[], bigint[], bytea[], bytea[], uuid[]),
    tally.put_tags(oid, oid, uuid, bytea[], bigint[], bytea[], bytea[]),
    tally.put_dead_letter(uuid, text, int, bigint, text),
    tally.read_progress(text, int), tally.read_documents(uuid, uuid[]), tally.now_micros(), tally.skip_dead_letter(uuid, text, bigint, bigint),
    tally.unskip_dead_letter(uuid, text, bigint),
    tally.retry_dead_letters(uuid, text), tally.begin_rebuild(text, text), tally.index_rebuild(text, int),
    tally.swap_rebuild(text, int), tally.register_projection(text, int),
    tally.declare_table(text, text), tally.revive_tables(),
    tally.read_positions(uuid, bigint[], bigint),
    tally.erasure_count(uuid), tally.pending_erasures(text, int),
    tally.replace_documents(
        uuid, smallint, uuid[], bytea[], bigint[], int[], bigint[], bytea[], bytea[], uuid[],
        bigint[]),
    tally.erased_streams(uuid, uuid, uuid, int), tally.remove_tags(uuid, bytea, bigint[]),
    tally.remove_tenant(text, uuid), tally.drop_other_versions(text) TO tally_projector;
GRANT EXECUTE ON FUNCTION
    tally.read_documents(uuid, uuid[]),
    tally.list_documents(uuid, bytea, uuid, int, bigint),
    tally.changed_streams(uuid, bigint, bigint, bigint, uuid, int),
    tally.streams_before(uuid, bigint, uuid, int), tally.versions_before(uuid, bigint, uuid[]),
    tally.find_positions(uuid, bigint, bigint, int, int[], bytea[], uuid[]),
    tally.rarest_group(uuid, bigint, bigint, int[], bytea[]),
    tally.tagged_positions(uuid, bigint, bigint, int, bytea[]),
    tally.keep_tagged(uuid, bigint[], bytea[]),
    tally.cut_at(uuid, bigint), tally.close_through(uuid, bigint) TO tally_reader;

-- A policy for all tenants where the role's functions check the tenant themselves, one for the
-- tenant named in the transaction's own setting where they do not.
DO $$
DECLARE
    c_every CONSTANT text :=
        'tally_appender, tally_writer, tally_ledgerkinds, tally_auditor, tally_operator, tally_executor';
    c_one CONSTANT text := 'tally_reader, tally_projector, tally_purger';
    v_table text;
BEGIN
    FOREACH v_table IN ARRAY ARRAY[
        'event', 'append_request', 'key_fence', 'fenced_key', 'cursor', 'dead_letter',
        'projection_erasure']
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

SELECT tally.guard_projection('tally', t) FROM unnest(ARRAY['document', 'snapshot', 'event_tag', 'dictionary']) t;
