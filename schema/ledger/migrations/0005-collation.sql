-- Keys that are text stand in the order of their bytes, whatever the database's own collation is:
-- an operating system that sorts in another way after an upgrade breaks no index.

-- All of them first: whoever waits for one then holds none.
LOCK TABLE tally.projection,
    tally.cursor,
    tally.dead_letter,
    tally.table_definition,
    tally.table_alive,
    tally.projection_erasure,
    tally.key_fence;

ALTER TABLE tally.projection ALTER COLUMN name TYPE text COLLATE "C";
ALTER TABLE tally.cursor ALTER COLUMN projection TYPE text COLLATE "C";
ALTER TABLE tally.dead_letter ALTER COLUMN projection TYPE text COLLATE "C";
ALTER TABLE tally.table_definition ALTER COLUMN projection TYPE text COLLATE "C";
ALTER TABLE tally.table_alive ALTER COLUMN projection TYPE text COLLATE "C";
ALTER TABLE tally.projection_erasure ALTER COLUMN projection TYPE text COLLATE "C";
ALTER TABLE tally.key_fence ALTER COLUMN retention_class TYPE text COLLATE "C";
