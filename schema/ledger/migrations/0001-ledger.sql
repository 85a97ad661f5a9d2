-- The tables as the first build made them. Frozen: what has changed since stands in later
-- migrations. Times are µs since 1970 as bigint; every key begins with the tenant. stream holds
-- the blind tag of the stream's name (16 bytes, as uuid); leaf and body hold the exact bytes that
-- were hashed.
CREATE SCHEMA tally AUTHORIZATION tally_owner;
CREATE SCHEMA tally_tables AUTHORIZATION tally_owner;
SET LOCAL ROLE tally_owner;

CREATE TABLE tally.schema_version (
    version int PRIMARY KEY,
    digest bytea NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE tally.ledger (
    ledger_id uuid PRIMARY KEY,
    origin text NOT NULL,
    created_at bigint NOT NULL,
    format int NOT NULL,
    single_operator boolean NOT NULL
);

CREATE TABLE tally.tenant (
    tenant_id uuid PRIMARY KEY,
    slot int NOT NULL UNIQUE,
    name_tag bytea NOT NULL UNIQUE,
    name_sealed bytea NOT NULL,
    region text NOT NULL,
    created_at bigint NOT NULL,
    source uuid
);
CREATE INDEX tenant_by_source ON tally.tenant (source);

-- One row a tenant, updated by every append: the free space keeps the updates on their page.
CREATE TABLE tally.head (
    tenant_id uuid PRIMARY KEY,
    size bigint NOT NULL,
    last_leaf_hash bytea NOT NULL,
    recorded_at bigint NOT NULL,
    closed_through bigint NOT NULL,
    state smallint NOT NULL
) WITH (fillfactor = 20);

-- Rows never change, so vacuum can freeze them early and never has to come back in a hurry.
CREATE TABLE tally.event (
    tenant_id uuid NOT NULL,
    position bigint NOT NULL,
    stream uuid,
    version int,
    leaf bytea NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (tenant_id, position),
    UNIQUE (tenant_id, stream, version)
) WITH (
    autovacuum_vacuum_insert_scale_factor = 0,
    autovacuum_vacuum_insert_threshold = 200000,
    autovacuum_freeze_min_age = 0
);
ALTER TABLE tally.event ALTER COLUMN leaf SET STORAGE EXTERNAL;
ALTER TABLE tally.event ALTER COLUMN body SET STORAGE EXTERNAL;

-- What makes a retry harmless: the receipt of each request, kept for 30 days.
CREATE TABLE tally.append_request (
    tenant_id uuid NOT NULL,
    request_id text COLLATE "C" NOT NULL,
    digest bytea,
    first_position bigint NOT NULL,
    event_count int NOT NULL,
    recorded_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, request_id)
);

-- Rows come in the order of time, so the old ones lie together.
CREATE INDEX append_request_by_time ON tally.append_request
    USING brin (recorded_at) WITH (autosummarize = on, pages_per_range = 16);

-- Restores: requested, approved, applying, applied, mismatched, aborting,
-- aborted, refused. cut is how many events
-- counted at the moment that is restored; undoes is the restore that this one takes back.
CREATE TABLE tally.restore (
    restore_id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    undoes uuid,
    clone uuid,
    cut bigint NOT NULL,
    state text NOT NULL,
    began_at bigint,
    began_position bigint,
    ended_at bigint,
    ended_position bigint,
    applied bigint NOT NULL DEFAULT 0
);
CREATE INDEX restore_by_tenant ON tally.restore (tenant_id);

-- How far a frozen tenant is restricted: 1 lets appends through that name a purpose which GDPR
-- Art. 18(2) allows, 2 none.
CREATE TABLE tally.restriction (
    tenant_id uuid PRIMARY KEY,
    level smallint NOT NULL CHECK (level IN (1, 2))
);

-- Who was erased, so that nobody brings them back; the keys are in fenced_key. The class '*' is
-- all of a subject's, the tag of 16 zero bytes the whole tenant.
CREATE TABLE tally.key_fence (
    tenant_id uuid NOT NULL,
    subject_tag bytea NOT NULL,
    retention_class text NOT NULL,
    erasure_id uuid NOT NULL,
    position bigint NOT NULL,
    fenced_at bigint NOT NULL,
    readmitted_at bigint,
    PRIMARY KEY (tenant_id, subject_tag, retention_class, fenced_at)
);

-- Keys that an erasure has fenced: nothing may be stored that was sealed under them.
CREATE TABLE tally.fenced_key (
    tenant_id uuid NOT NULL,
    key_id bytea NOT NULL,
    erasure_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, key_id)
);
CREATE INDEX fenced_key_by_erasure ON tally.fenced_key (erasure_id);

-- The version of each projection that readers see, and the newest that was begun: a rebuild makes
-- the next one beside it.
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

-- Documents of long streams at versions in between, for looks into the past; nobody depends on
-- them.
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

-- Operators are in slot 0's log; this is their register as of any time.
CREATE TABLE tally.operator (
    operator_id uuid PRIMARY KEY,
    public_key bytea NOT NULL UNIQUE CHECK (octet_length(public_key) = 32),
    added_at bigint NOT NULL,
    ended_at bigint
);

-- Actions: 1 restore, 2 undo, 3 subject erasure, 4 tenant erasure, 5 hold, 6 release, 7 readmit,
-- 8 skip, 9 operator change. plan is canonical JSON and says everything that will be done.
CREATE TABLE tally.request (
    request_id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    action smallint NOT NULL,
    plan bytea NOT NULL,
    head_leaf_hash bytea NOT NULL,
    requester uuid NOT NULL,
    requested_at bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'approved', 'applied', 'refused'))
);

-- Signatures as they were given: the signed bytes and 64 bytes of Ed25519 behind them. The
-- requester's own is among them.
CREATE TABLE tally.approval (
    request_id uuid NOT NULL,
    operator_id uuid NOT NULL,
    approved_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    signed bytea NOT NULL,
    PRIMARY KEY (request_id, operator_id)
);

-- subject_tag is 16 zero bytes for a whole tenant; classes are '*' for all. Deadlines run from
-- due_from: the request, or the end of the last hold that it waited for. destroyed_epoch is the
-- newest key epoch that there was when the keys were destroyed.
CREATE TABLE tally.erasure (
    erasure_id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    subject_tag bytea NOT NULL,
    classes text[] NOT NULL,
    ground text NOT NULL,
    state text NOT NULL,
    requested_at bigint NOT NULL,
    due_from bigint NOT NULL,
    fenced_at bigint,
    fence_position bigint,
    destroyed_at bigint,
    destroyed_epoch bigint,
    destroyed_positions bigint[],
    purged_at bigint,
    purged_parts bigint NOT NULL DEFAULT 0,
    purged_requests bigint NOT NULL DEFAULT 0,
    retired_at bigint,
    final_at bigint,
    backups_until bigint,
    vacuumed_at bigint,
    follows uuid
);
CREATE UNIQUE INDEX erasure_following ON tally.erasure (follows, tenant_id)
    WHERE state <> 'refused';
CREATE INDEX erasure_by_tenant ON tally.erasure (tenant_id, subject_tag);

-- The events with parts of a subject, listed before the keys go: afterwards no index could name
-- them.
CREATE TABLE tally.erasure_event (
    erasure_id uuid NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (erasure_id, position)
);

-- The projections that hold nothing any more of what an erasure has purged, and how many of their
-- rows were replaced or removed for it.
CREATE TABLE tally.projection_erasure (
    tenant_id uuid NOT NULL,
    erasure_id uuid NOT NULL,
    projection text NOT NULL,
    version int NOT NULL,
    rows bigint NOT NULL,
    PRIMARY KEY (tenant_id, erasure_id, projection, version)
);

-- Legal holds: destruction of a subject's keys is suspended, for the tag of zeros of all subjects.
CREATE TABLE tally.hold (
    hold_id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    subject_tag bytea NOT NULL,
    review_at bigint NOT NULL,
    placed_at bigint NOT NULL,
    released_at bigint
);
CREATE INDEX hold_by_subject ON tally.hold (tenant_id, subject_tag);

-- Epochs whose end the ledger's own log tells.
CREATE TABLE tally.epoch_receipt (
    epoch bigint PRIMARY KEY,
    position bigint NOT NULL
);

-- Streams that a restore left as they are, because somebody had written to them.
CREATE TABLE tally.restore_conflict (
    restore_id uuid NOT NULL,
    stream uuid NOT NULL,
    PRIMARY KEY (restore_id, stream)
);

-- The versions whose tables hold what their cursors say: a crash empties this table together with
-- them.
CREATE UNLOGGED TABLE tally.table_alive (
    projection text NOT NULL,
    version int NOT NULL,
    PRIMARY KEY (projection, version)
);

RESET ROLE;
