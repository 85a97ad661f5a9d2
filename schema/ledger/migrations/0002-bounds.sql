-- Bounds on every column, a fold and a size of each document, and a place for the edition of the
-- functions. Bounds hold for new rows at once; 0004 looks at those that there are.
-- afterwards: tally projection rebuild documents (until then documents are read from the log)

-- All tables first, and the one that writers begin with before the others: whoever waits for one of
-- them then holds none, and a reader that is in the way is waited for less long than PostgreSQL
-- takes to call it a deadlock.
DO $$
DECLARE
    v_table regclass;
BEGIN
    FOR v_table IN
        SELECT c.oid FROM pg_class c
        WHERE c.relkind = 'r'
            AND c.relnamespace IN ('tally'::regnamespace, 'tally_tables'::regnamespace)
        ORDER BY c.relname = 'head' DESC, c.oid
    LOOP
        EXECUTE format('LOCK TABLE %s', v_table);
        PERFORM set_config('lock_timeout', '200ms', true);
    END LOOP;
END
$$;

SET LOCAL ROLE tally_owner;

CREATE TABLE tally.schema_functions (
    edition int PRIMARY KEY CHECK (edition >= 1),
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- What a rebuild left, or has begun, lacks the columns below: it is begun again.
UPDATE tally.projection SET latest = latest + 1
WHERE name IN ('documents', 'trail') AND latest > version;
DROP TABLE IF EXISTS
    tally.document_old, tally.document_next, tally.event_tag_old, tally.event_tag_next,
    tally.dictionary_old, tally.dictionary_next;

-- Documents that are there were folded under the first rules: they are read from the log until
-- they are written again. Their sizes are not known, and 4096 stands for them.
ALTER TABLE tally.document
    ADD COLUMN size bigint DEFAULT 4096,
    ADD COLUMN fold smallint NOT NULL DEFAULT 1;
ALTER TABLE tally.document
    ALTER COLUMN size DROP DEFAULT,
    ALTER COLUMN fold DROP DEFAULT,
    ALTER COLUMN digest DROP NOT NULL,
    ALTER COLUMN body DROP NOT NULL,
    ADD CHECK (octet_length(collection_tag) = 16) NOT VALID,
    ADD CHECK (position >= 0) NOT VALID,
    ADD CHECK (version >= 1) NOT VALID,
    ADD CHECK (size >= 0) NOT VALID,
    ADD CHECK (fold >= 1) NOT VALID,
    ADD CHECK (octet_length(digest) = 32) NOT VALID,
    ADD CHECK (octet_length(body) > 0) NOT VALID,
    ADD CHECK ((size IS NULL) = (digest IS NULL) AND (body IS NULL OR size IS NOT NULL)) NOT VALID;

ALTER TABLE tally.ledger
    ADD CHECK (created_at >= 0) NOT VALID,
    ADD CHECK (format = 1) NOT VALID;

ALTER TABLE tally.tenant
    ADD CHECK (slot >= 0) NOT VALID,
    ADD CHECK (octet_length(name_tag) = 16) NOT VALID,
    ADD CHECK (octet_length(name_sealed) BETWEEN 1 AND 1024) NOT VALID,
    ADD CHECK (created_at >= 0) NOT VALID;

ALTER TABLE tally.head
    ADD CHECK (size >= 0) NOT VALID,
    ADD CHECK (octet_length(last_leaf_hash) = 32) NOT VALID,
    ADD CHECK (recorded_at >= 0) NOT VALID,
    ADD CHECK (closed_through >= 0) NOT VALID,
    ADD CHECK (state IN (0, 1, 2)) NOT VALID;

ALTER TABLE tally.event
    ADD CHECK (position >= 0) NOT VALID,
    ADD CHECK (version >= 1) NOT VALID,
    ADD CHECK (octet_length(leaf) BETWEEN 116 AND 1108) NOT VALID,
    ADD CHECK (octet_length(body) <= 16842752) NOT VALID;

ALTER TABLE tally.append_request
    ADD CHECK (octet_length(digest) = 32) NOT VALID,
    ADD CHECK (first_position >= 0) NOT VALID,
    ADD CHECK (event_count BETWEEN 1 AND 1000) NOT VALID,
    ADD CHECK (recorded_at >= 0) NOT VALID;

ALTER TABLE tally.restore
    ADD CHECK (cut > 0) NOT VALID,
    ADD CHECK (state IN ('requested', 'approved', 'applying', 'applied', 'mismatched',
        'aborting', 'aborted', 'refused')) NOT VALID,
    ADD CHECK (began_at >= 0) NOT VALID,
    ADD CHECK (began_position >= 0) NOT VALID,
    ADD CHECK (ended_at >= 0) NOT VALID,
    ADD CHECK (ended_position >= 0) NOT VALID,
    ADD CHECK (applied >= 0) NOT VALID;

ALTER TABLE tally.key_fence
    ADD CHECK (octet_length(subject_tag) = 16) NOT VALID,
    ADD CHECK (position >= 0) NOT VALID,
    ADD CHECK (fenced_at >= 0) NOT VALID,
    ADD CHECK (readmitted_at >= 0) NOT VALID;

ALTER TABLE tally.fenced_key
    ADD CHECK (octet_length(key_id) = 32) NOT VALID;

ALTER TABLE tally.projection
    ADD CHECK (version >= 1) NOT VALID,
    ADD CHECK (latest >= version) NOT VALID,
    ADD CHECK (removed_at >= 0) NOT VALID;

ALTER TABLE tally.cursor
    ADD CHECK (version >= 1) NOT VALID,
    ADD CHECK (position >= 0) NOT VALID,
    ADD CHECK (updated_at >= 0) NOT VALID;

ALTER TABLE tally.dead_letter
    ADD CHECK (position >= 0) NOT VALID,
    ADD CHECK (failed_at >= 0) NOT VALID,
    ADD CHECK (skipped_by >= 0) NOT VALID;


ALTER TABLE tally.snapshot
    ADD CHECK (version >= 1) NOT VALID,
    ADD CHECK (position >= 0) NOT VALID,
    ADD CHECK (fold >= 1) NOT VALID,
    ADD CHECK (octet_length(body) > 0) NOT VALID;

ALTER TABLE tally.event_tag
    ADD CHECK (octet_length(tag) = 16) NOT VALID,
    ADD CHECK (position >= 0) NOT VALID;

ALTER TABLE tally.dictionary
    ADD CHECK (octet_length(tag) = 16) NOT VALID,
    ADD CHECK (octet_length(word_sealed) > 0) NOT VALID;

ALTER TABLE tally.table_definition
    ADD CHECK (version >= 1) NOT VALID;

ALTER TABLE tally.operator
    ADD CHECK (added_at >= 0) NOT VALID,
    ADD CHECK (ended_at >= 0) NOT VALID;

ALTER TABLE tally.request
    ADD CHECK (action BETWEEN 1 AND 9) NOT VALID,
    ADD CHECK (octet_length(plan) > 0) NOT VALID,
    ADD CHECK (octet_length(head_leaf_hash) = 32) NOT VALID,
    ADD CHECK (requested_at >= 0) NOT VALID;

ALTER TABLE tally.approval
    ADD CHECK (approved_at >= 0) NOT VALID,
    ADD CHECK (expires_at >= 0) NOT VALID,
    ADD CHECK (octet_length(signed) = 247) NOT VALID;

ALTER TABLE tally.erasure
    ADD CHECK (octet_length(subject_tag) = 16) NOT VALID,
    ADD CHECK (state IN ('requested', 'approved', 'onHold', 'fenced', 'keysDestroyed',
        'purged', 'epochRetired', 'final', 'refused')) NOT VALID,
    ADD CHECK (requested_at >= 0) NOT VALID,
    ADD CHECK (due_from >= 0) NOT VALID,
    ADD CHECK (fenced_at >= 0) NOT VALID,
    ADD CHECK (fence_position >= 0) NOT VALID,
    ADD CHECK (destroyed_at >= 0) NOT VALID,
    ADD CHECK (destroyed_epoch >= 1) NOT VALID,
    ADD CHECK (0 <= ALL (destroyed_positions)) NOT VALID,
    ADD CHECK (purged_at >= 0) NOT VALID,
    ADD CHECK (purged_parts >= 0) NOT VALID,
    ADD CHECK (purged_requests >= 0) NOT VALID,
    ADD CHECK (retired_at >= 0) NOT VALID,
    ADD CHECK (final_at >= 0) NOT VALID,
    ADD CHECK (backups_until >= 0) NOT VALID,
    ADD CHECK (vacuumed_at >= 0) NOT VALID;

ALTER TABLE tally.erasure_event
    ADD CHECK (position >= 0) NOT VALID;

ALTER TABLE tally.projection_erasure
    ADD CHECK (version >= 1) NOT VALID,
    ADD CHECK (rows >= 0) NOT VALID;

ALTER TABLE tally.hold
    ADD CHECK (octet_length(subject_tag) = 16) NOT VALID,
    ADD CHECK (review_at >= 0) NOT VALID,
    ADD CHECK (placed_at >= 0) NOT VALID,
    ADD CHECK (released_at >= 0) NOT VALID;

ALTER TABLE tally.epoch_receipt
    ADD CHECK (epoch >= 1) NOT VALID,
    ADD CHECK (position >= 0) NOT VALID;

ALTER TABLE tally.table_alive
    ADD CHECK (version >= 1) NOT VALID;

RESET ROLE;
