-- Documents, their snapshots and the trail by slots.
LOCK TABLE tally.document, tally.snapshot, tally.event_tag, tally.dictionary;

SET LOCAL ROLE tally_owner;
SET LOCAL maintenance_work_mem = '256MB';

-- What a rebuild left, or has begun, has the columns of before: it is begun again.
UPDATE tally.projection SET latest = latest + 1
WHERE name IN ('documents', 'trail') AND latest > version;
DROP TABLE IF EXISTS
    tally.document_old, tally.document_next, tally.event_tag_old, tally.event_tag_next,
    tally.dictionary_old, tally.dictionary_next;

-- The newest document of each stream that has one; digest is its leaf in the state root.
ALTER TABLE tally.document RENAME TO document_before;
CREATE TABLE tally.document (
    slot int NOT NULL,
    version int NOT NULL CHECK (version >= 1),
    position bigint NOT NULL CHECK (position >= 0),
    size bigint CHECK (size >= 0),
    fold smallint NOT NULL CHECK (fold >= 1),
    stream uuid NOT NULL,
    collection_tag bytea NOT NULL CHECK (octet_length(collection_tag) = 16),
    digest bytea CHECK (octet_length(digest) = 32),
    body bytea CHECK (octet_length(body) > 0),
    CHECK ((size IS NULL) = (digest IS NULL) AND (body IS NULL OR size IS NOT NULL))
);
ALTER TABLE tally.document ALTER COLUMN body SET STORAGE EXTERNAL;
ALTER TABLE tally.document ALTER COLUMN slot SET STATISTICS 0;
INSERT INTO tally.document
SELECT t.slot, d.version, d.position, d.size, d.fold, d.stream, d.collection_tag, d.digest, d.body
FROM tally.document_before d JOIN tally.tenant t USING (tenant_id);
DROP TABLE tally.document_before;
ALTER TABLE tally.document ADD CONSTRAINT document_pkey PRIMARY KEY (slot, stream);
CREATE INDEX document_by_collection ON tally.document (slot, collection_tag, stream);

-- Documents of long streams at versions in between, for looks into the past; nobody depends on
-- them.
ALTER TABLE tally.snapshot RENAME TO snapshot_before;
CREATE TABLE tally.snapshot (
    slot int NOT NULL,
    version int NOT NULL CHECK (version >= 1),
    position bigint NOT NULL CHECK (position >= 0),
    fold smallint NOT NULL CHECK (fold >= 1),
    stream uuid NOT NULL,
    body bytea NOT NULL CHECK (octet_length(body) > 0)
);
ALTER TABLE tally.snapshot ALTER COLUMN body SET STORAGE EXTERNAL;
INSERT INTO tally.snapshot
SELECT t.slot, s.version, s.position, s.fold, s.stream, s.body
FROM tally.snapshot_before s JOIN tally.tenant t USING (tenant_id);
DROP TABLE tally.snapshot_before;
ALTER TABLE tally.snapshot ADD CONSTRAINT snapshot_pkey PRIMARY KEY (slot, stream, version);

-- The trail: which events have which type, actor, subject or collection.
ALTER TABLE tally.event_tag RENAME TO event_tag_before;
CREATE TABLE tally.event_tag (
    slot int NOT NULL,
    tag bytea NOT NULL CHECK (octet_length(tag) = 16),
    position bigint NOT NULL CHECK (position >= 0)
);
INSERT INTO tally.event_tag
SELECT t.slot, g.tag, g.position
FROM tally.event_tag_before g JOIN tally.tenant t USING (tenant_id);
DROP TABLE tally.event_tag_before;
ALTER TABLE tally.event_tag ADD CONSTRAINT event_tag_pkey PRIMARY KEY (slot, tag, position);

-- The types and collections that tags stand for, so that a wildcard can be expanded.
ALTER TABLE tally.dictionary RENAME TO dictionary_before;
CREATE TABLE tally.dictionary (
    slot int NOT NULL,
    tag bytea NOT NULL CHECK (octet_length(tag) = 16),
    word_sealed bytea NOT NULL CHECK (octet_length(word_sealed) > 0)
);
INSERT INTO tally.dictionary
SELECT t.slot, w.tag, w.word_sealed
FROM tally.dictionary_before w JOIN tally.tenant t USING (tenant_id);
DROP TABLE tally.dictionary_before;
ALTER TABLE tally.dictionary ADD CONSTRAINT dictionary_pkey PRIMARY KEY (slot, tag);

RESET ROLE;
