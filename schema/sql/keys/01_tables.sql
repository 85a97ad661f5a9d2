-- Tables of the key store: its own database, never in the ledger's backups. Rows are never
-- deleted: a destroyed key keeps its row, without its wrap.
CREATE SCHEMA tally_keys;

CREATE TABLE tally_keys.schema_version (
    version int PRIMARY KEY,
    digest bytea NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- Epochs of the key-encryption key (KEK); the KEK itself lives with its provider. The row comes
-- before the KEK, so that whoever destroys a key sees every KEK that was there before.
CREATE TABLE tally_keys.key_epoch (
    ledger_id uuid NOT NULL,
    epoch bigint NOT NULL CHECK (epoch BETWEEN 1 AND 9007199254740991),
    provider text NOT NULL CHECK (octet_length(provider) BETWEEN 1 AND 255),
    state text NOT NULL CHECK (state IN ('pre-active', 'active', 'deactivated', 'destroyed')),
    created_at bigint NOT NULL CHECK (created_at BETWEEN 0 AND 9007199254740991),
    deactivated_at bigint CHECK (deactivated_at BETWEEN 0 AND 9007199254740991),
    destroyed_at bigint CHECK (destroyed_at BETWEEN 0 AND 9007199254740991),
    assurance text CHECK (octet_length(assurance) <= 1024),
    is_recorded boolean NOT NULL DEFAULT false,
    PRIMARY KEY (ledger_id, epoch),
    CHECK (state <> 'destroyed' OR destroyed_at IS NOT NULL AND assurance IS NOT NULL)
);

-- How often the ownership of a ledger's KEKs was taken when this copy of the key store last took it;
-- the provider's notes say whether that still is the last time, and where it was.
CREATE TABLE tally_keys.key_owner (
    ledger_id uuid PRIMARY KEY,
    ordinal bigint NOT NULL CHECK (ordinal BETWEEN 1 AND 9007199254740991),
    taken_at bigint NOT NULL CHECK (taken_at BETWEEN 0 AND 9007199254740991)
);

-- Each tenant's wrapping key (TWK), wrapped under an epoch's KEK; NULL when it was destroyed.
-- dirty_since is the newest epoch that there was when one of the tenant's keys was destroyed: the
-- TWK that could open the key's old copies must be replaced under a later one.
CREATE TABLE tally_keys.tenant_wrap (
    tenant_id uuid PRIMARY KEY,
    epoch bigint NOT NULL CHECK (epoch BETWEEN 1 AND 9007199254740991),
    twk_id bytea NOT NULL CHECK (octet_length(twk_id) = 32),
    wrapped bytea CHECK (octet_length(wrapped) BETWEEN 1 AND 2048),
    dirty_since bigint CHECK (dirty_since BETWEEN 1 AND 9007199254740991)
);

-- Kinds: 1 data, 2 subject, 3 index, 4 export. No subject: 16 zero bytes and ''.
CREATE TABLE tally_keys.key_record (
    key_id bytea PRIMARY KEY CHECK (octet_length(key_id) = 32),
    tenant_id uuid NOT NULL,
    kind smallint NOT NULL CHECK (kind BETWEEN 1 AND 4),
    subject_tag bytea NOT NULL CHECK (octet_length(subject_tag) = 16),
    retention_class text NOT NULL CHECK (octet_length(retention_class) <= 63),
    generation int NOT NULL CHECK (generation BETWEEN 0 AND 2000000000),
    parent_key_id bytea NOT NULL CHECK (octet_length(parent_key_id) = 32),
    state text NOT NULL CHECK (state IN ('active', 'suspended', 'deactivated', 'destroyed')),
    wrapped bytea CHECK (octet_length(wrapped) BETWEEN 1 AND 2048),
    seals_reserved bigint NOT NULL DEFAULT 0
        CHECK (seals_reserved BETWEEN 0 AND 9007199254740991),
    created_at bigint NOT NULL CHECK (created_at BETWEEN 0 AND 9007199254740991),
    destroyed_at bigint CHECK (destroyed_at BETWEEN 0 AND 9007199254740991),
    UNIQUE (tenant_id, kind, subject_tag, retention_class, generation),
    CHECK ((state = 'destroyed') = (wrapped IS NULL))
);

CREATE INDEX tenant_wrap_by_epoch ON tally_keys.tenant_wrap (epoch, tenant_id);

-- Subjects for whom no key may be made, from the first step of their erasure on. The class '*' is
-- all of a subject's classes, the tag of 16 zero bytes the whole tenant.
CREATE TABLE tally_keys.key_block (
    tenant_id uuid NOT NULL,
    subject_tag bytea NOT NULL CHECK (octet_length(subject_tag) = 16),
    retention_class text NOT NULL CHECK (octet_length(retention_class) <= 63),
    blocked_at bigint NOT NULL CHECK (blocked_at BETWEEN 0 AND 9007199254740991),
    lifted_at bigint CHECK (lifted_at BETWEEN 0 AND 9007199254740991),
    PRIMARY KEY (tenant_id, subject_tag, retention_class, blocked_at)
);
