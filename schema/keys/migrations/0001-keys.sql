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
    epoch bigint NOT NULL,
    provider text NOT NULL,
    state text NOT NULL CHECK (state IN ('pre-active', 'active', 'deactivated', 'destroyed')),
    created_at bigint NOT NULL,
    deactivated_at bigint,
    destroyed_at bigint,
    assurance text,
    is_recorded boolean NOT NULL DEFAULT false,
    PRIMARY KEY (ledger_id, epoch)
);

-- Each tenant's wrapping key (TWK), wrapped under an epoch's KEK; NULL when it was destroyed.
-- dirty_since is the newest epoch that there was when one of the tenant's keys was destroyed: the
-- TWK that could open the key's old copies must be replaced under a later one.
CREATE TABLE tally_keys.tenant_wrap (
    tenant_id uuid PRIMARY KEY,
    epoch bigint NOT NULL,
    twk_id bytea NOT NULL,
    wrapped bytea,
    dirty_since bigint
);

-- Kinds: 1 data, 2 subject, 3 index, 4 export. No subject: 16 zero bytes and ''.
CREATE TABLE tally_keys.key_record (
    key_id bytea PRIMARY KEY,
    tenant_id uuid NOT NULL,
    kind smallint NOT NULL,
    subject_tag bytea NOT NULL,
    retention_class text NOT NULL,
    generation int NOT NULL,
    parent_key_id bytea NOT NULL,
    state text NOT NULL CHECK (state IN ('active', 'suspended', 'deactivated', 'destroyed')),
    wrapped bytea,
    seals_reserved bigint NOT NULL DEFAULT 0,
    created_at bigint NOT NULL,
    destroyed_at bigint,
    UNIQUE (tenant_id, kind, subject_tag, retention_class, generation),
    CHECK ((state = 'destroyed') = (wrapped IS NULL))
);

CREATE INDEX tenant_wrap_by_epoch ON tally_keys.tenant_wrap (epoch, tenant_id);

-- Subjects for whom no key may be made, from the first step of their erasure on. The class '*' is
-- all of a subject's classes, the tag of 16 zero bytes the whole tenant.
CREATE TABLE tally_keys.key_block (
    tenant_id uuid NOT NULL,
    subject_tag bytea NOT NULL,
    retention_class text NOT NULL,
    blocked_at bigint NOT NULL,
    lifted_at bigint,
    PRIMARY KEY (tenant_id, subject_tag, retention_class, blocked_at)
);
