-- Bounds on every column, who owns a ledger's KEKs, and a place for the edition of the functions.
-- Bounds hold for new rows at once; 0003 looks at those that there are.
-- afterwards: tally key adopt LEDGER, once and where this ledger lives (rotations wait for it)

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

CREATE TABLE tally_keys.schema_functions (
    edition int PRIMARY KEY CHECK (edition >= 1),
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- How often the ownership of a ledger's KEKs was taken when this copy of the key store last took
-- it; the provider's notes say whether that still is the last time, and where it was.
CREATE TABLE tally_keys.key_owner (
    ledger_id uuid PRIMARY KEY,
    ordinal bigint NOT NULL CHECK (ordinal BETWEEN 1 AND 9007199254740991),
    taken_at bigint NOT NULL CHECK (taken_at BETWEEN 0 AND 9007199254740991)
);

ALTER TABLE tally_keys.key_epoch
    ADD CHECK (epoch BETWEEN 1 AND 9007199254740991) NOT VALID,
    ADD CHECK (octet_length(provider) BETWEEN 1 AND 255) NOT VALID,
    ADD CHECK (created_at BETWEEN 0 AND 9007199254740991) NOT VALID,
    ADD CHECK (deactivated_at BETWEEN 0 AND 9007199254740991) NOT VALID,
    ADD CHECK (destroyed_at BETWEEN 0 AND 9007199254740991) NOT VALID,
    ADD CHECK (octet_length(assurance) <= 1024) NOT VALID,
    ADD CHECK (state <> 'destroyed' OR destroyed_at IS NOT NULL AND assurance IS NOT NULL)
        NOT VALID;

ALTER TABLE tally_keys.tenant_wrap
    ADD CHECK (epoch BETWEEN 1 AND 9007199254740991) NOT VALID,
    ADD CHECK (octet_length(twk_id) = 32) NOT VALID,
    ADD CHECK (octet_length(wrapped) BETWEEN 1 AND 2048) NOT VALID,
    ADD CHECK (dirty_since BETWEEN 1 AND 9007199254740991) NOT VALID;

ALTER TABLE tally_keys.key_record
    ADD CHECK (octet_length(key_id) = 32) NOT VALID,
    ADD CHECK (kind BETWEEN 1 AND 4) NOT VALID,
    ADD CHECK (octet_length(subject_tag) = 16) NOT VALID,
    ADD CHECK (octet_length(retention_class) <= 63) NOT VALID,
    ADD CHECK (generation BETWEEN 0 AND 2000000000) NOT VALID,
    ADD CHECK (octet_length(parent_key_id) = 32) NOT VALID,
    ADD CHECK (octet_length(wrapped) BETWEEN 1 AND 2048) NOT VALID,
    ADD CHECK (seals_reserved BETWEEN 0 AND 9007199254740991) NOT VALID,
    ADD CHECK (created_at BETWEEN 0 AND 9007199254740991) NOT VALID,
    ADD CHECK (destroyed_at BETWEEN 0 AND 9007199254740991) NOT VALID;

ALTER TABLE tally_keys.key_block
    ADD CHECK (octet_length(subject_tag) = 16) NOT VALID,
    ADD CHECK (octet_length(retention_class) <= 63) NOT VALID,
    ADD CHECK (blocked_at BETWEEN 0 AND 9007199254740991) NOT VALID,
    ADD CHECK (lifted_at BETWEEN 0 AND 9007199254740991) NOT VALID;
