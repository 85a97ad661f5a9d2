-- Tables of the ledger. Times are µs since 1970 as bigint; every key begins with the tenant.
-- stream holds the blind tag of the stream's name (16 bytes, as uuid); leaf and body hold the
-- exact bytes that were hashed, never anything that would have to be serialised again.
CREATE SCHEMA tally AUTHORIZATION tally_owner;
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
-- The ledger's own events, which have no stream and no tag: few, and asked for by their kind.
CREATE INDEX event_own ON tally.event (tenant_id, position) WHERE stream IS NULL;
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

RESET ROLE;
