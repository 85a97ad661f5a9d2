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
ALTER FUNCTION tally.append_clear(tally.head, int, text) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.open_tenant(uuid, int, bytea, bytea, text) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.create_ledger(uuid, text, uuid, bytea, bytea) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.create_tenant(uuid, bytea, bytea, text) OWNER TO tally_ledgerkinds;
ALTER FUNCTION tally.set_state(uuid, smallint, int, text) OWNER TO tally_ledgerkinds;
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
GRANT INSERT ON tally.ledger, tally.tenant, tally.event TO tally_ledgerkinds;
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
    tally.freeze(uuid, uuid), tally.thaw(uuid, uuid) TO tally_operator;

-- Readers see one tenant at a time, auditors every log and no key.
GRANT SELECT ON tally.event, tally.key_fence TO tally_reader;
GRANT EXECUTE ON FUNCTION
    tally.read_heads(uuid[]), tally.read_stream(uuid, uuid, int, int) TO tally_reader;
GRANT SELECT ON tally.event, tally.append_request, tally.key_fence TO tally_auditor;
GRANT EXECUTE ON FUNCTION
    tally.read_heads(uuid[]), tally.read_extent(uuid), tally.read_requests(uuid, text, int),
    tally.stray_tenants(), tally.verify_range(uuid, bigint, bigint) TO tally_auditor;

ALTER TABLE tally.event ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE tally.append_request ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE tally.key_fence ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

-- A policy for all tenants where the role's functions check the tenant themselves, one for the
-- tenant named in the transaction's own setting where they do not.
DO $$
DECLARE
    c_every CONSTANT text := 'tally_appender, tally_writer, tally_ledgerkinds, tally_auditor';
    c_one CONSTANT text := 'tally_reader, tally_projector, tally_purger';
    v_table text;
BEGIN
    FOREACH v_table IN ARRAY ARRAY['event', 'append_request', 'key_fence'] LOOP
        EXECUTE format('CREATE POLICY every_tenant ON tally.%I TO %s USING (true) '
            'WITH CHECK (true)', v_table, c_every);
        EXECUTE format('CREATE POLICY one_tenant ON tally.%I TO %s USING (tenant_id = '
            'nullif(current_setting(''tally.tenant'', true), '''')::uuid)', v_table, c_one);
    END LOOP;
END
$$;
