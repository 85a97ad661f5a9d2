-- Retention classes stand in the order of their bytes, whatever the database's own collation is: an
-- operating system that sorts in another way after an upgrade breaks no index.

-- All of them first: whoever waits for one then holds none.
LOCK TABLE tally_keys.key_record,
    tally_keys.key_block;

ALTER TABLE tally_keys.key_record ALTER COLUMN retention_class TYPE text COLLATE "C";
ALTER TABLE tally_keys.key_block ALTER COLUMN retention_class TYPE text COLLATE "C";
