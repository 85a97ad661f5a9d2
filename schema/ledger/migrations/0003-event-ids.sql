-- concurrently: an index of a long log takes minutes, and its writers do not wait for it.

-- An id, which stands in the leaf alone, names one event for good.
DROP INDEX CONCURRENTLY IF EXISTS tally.event_by_id;
CREATE UNIQUE INDEX CONCURRENTLY event_by_id ON tally.event (tenant_id, substr(leaf, 36, 16));

-- The ledger's own events, which have no stream and no tag: few, and asked for by their kind.
DROP INDEX CONCURRENTLY IF EXISTS tally.event_own;
CREATE INDEX CONCURRENTLY event_own ON tally.event (tenant_id, position) WHERE stream IS NULL;
