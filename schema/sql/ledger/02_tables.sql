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
    created_at bigint NOT NULL CHECK (created_at >= 0),
    format int NOT NULL CHECK (format = 1),
    single_operator boolean NOT NULL
);

CREATE TABLE tally.tenant (
    tenant_id uuid PRIMARY KEY,
    slot int NOT NULL UNIQUE CHECK (slot >= 0),
    name_tag bytea NOT NULL UNIQUE CHECK (octet_length(name_tag) = 16),
    name_sealed bytea NOT NULL CHECK (octet_length(name_sealed) BETWEEN 1 AND 1024),
    region text NOT NULL,
    created_at bigint NOT NULL CHECK (created_at >= 0),
    source uuid
);
CREATE INDEX tenant_by_source ON tally.tenant (source);

-- One row a tenant, updated by every append: the free space keeps the updates on their page.
CREATE TABLE tally.head (
    tenant_id uuid PRIMARY KEY,
    size bigint NOT NULL CHECK (size >= 0),
    last_leaf_hash bytea NOT NULL CHECK (octet_length(last_leaf_hash) = 32),
    recorded_at bigint NOT NULL CHECK (recorded_at >= 0),
    closed_through bigint NOT NULL CHECK (closed_through >= 0),
    state smallint NOT NULL CHECK (state IN (0, 1, 2))
) WITH (fillfactor = 20);

-- Rows never change, so vacuum can freeze them early and never has to come back in a hurry.
CREATE TABLE tally.event (
    tenant_id uuid NOT NULL,
    position bigint NOT NULL CHECK (position >= 0),
    stream uuid,
    version int CHECK (version >= 1),
    leaf bytea NOT NULL CHECK (octet_length(leaf) BETWEEN 116 AND 1108),
    body bytea NOT NULL CHECK (octet_length(body) <= 16842752),
    PRIMARY KEY (tenant_id, position),
    UNIQUE (tenant_id, stream, version)
) WITH (
    autovacuum_vacuum_insert_scale_factor = 0,
    autovacuum_vacuum_insert_threshold = 200000,
    autovacuum_freeze_min_age = 0
);
-- The ledger's own events, which have no stream and no tag: few, and asked for by their kind.
CREATE INDEX event_own ON tally.event (tenant_id, position) WHERE stream IS NULL;
-- An id, which stands in the leaf alone, names one event for good.
CREATE UNIQUE INDEX event_by_id ON tally.event (tenant_id, substr(leaf, 36, 16));
ALTER TABLE tally.event ALTER COLUMN leaf SET STORAGE EXTERNAL;
ALTER TABLE tally.event ALTER COLUMN body SET STORAGE EXTERNAL;

-- What makes a retry harmless: the receipt of each request, kept for 30 days.
CREATE TABLE tally.append_request (
    tenant_id uuid NOT NULL,
    request_id text COLLATE "C" NOT NULL,
    digest bytea CHECK (octet_length(digest) = 32),
    first_position bigint NOT NULL CHECK (first_position >= 0),
    event_count int NOT NULL CHECK (event_count BETWEEN 1 AND 1000),
    recorded_at bigint NOT NULL CHECK (recorded_at >= 0),
    PRIMARY KEY (tenant_id, request_id)
);

-- Rows come in the order of time, so the old ones lie together.
CREATE INDEX append_request_by_time ON tally.append_request
    USING brin (recorded_at) WITH (autosummarize = on, pages_per_range = 16);

-- Restores. cut is how many events counted at the moment that is restored; undoes is the restore that
-- this one takes back.
CREATE TABLE tally.restore (
    restore_id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    undoes uuid,
    clone uuid,
    cut bigint NOT NULL CHECK (cut > 0),
    state text NOT NULL CHECK (state IN ('requested', 'approved', 'applying', 'applied', 'mismatched',
        'aborting', 'aborted', 'refused')),
    began_at bigint CHECK (began_at >= 0),
    began_position bigint CHECK (began_position >= 0),
    ended_at bigint CHECK (ended_at >= 0),
    ended_position bigint CHECK (ended_position >= 0),
    applied bigint NOT NULL DEFAULT 0 CHECK (applied >= 0)
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
    subject_tag bytea NOT NULL CHECK (octet_length(subject_tag) = 16),
    retention_class text NOT NULL,
    erasure_id uuid NOT NULL,
    position bigint NOT NULL CHECK (position >= 0),
    fenced_at bigint NOT NULL CHECK (fenced_at >= 0),
    readmitted_at bigint CHECK (readmitted_at >= 0),
    PRIMARY KEY (tenant_id, subject_tag, retention_class, fenced_at)
);

-- Keys that an erasure has fenced: nothing may be stored that was sealed under them.
CREATE TABLE tally.fenced_key (
    tenant_id uuid NOT NULL,
    key_id bytea NOT NULL CHECK (octet_length(key_id) = 32),
    erasure_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, key_id)
);
CREATE INDEX fenced_key_by_erasure ON tally.fenced_key (erasure_id);

RESET ROLE;
