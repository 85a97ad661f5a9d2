-- The log by slots, with each event's id in a column: about 10 s a million events, for which nobody
-- reads or writes it. The rows of requests go: a request's id makes the ids of its events, so the
-- log itself knows it for ever. Those of earlier builds it does not know.
-- afterwards: send no request again that an earlier build was sent: it would be stored twice
LOCK TABLE tally.event, tally.append_request, tally.head;

SET LOCAL ROLE tally_owner;
SET LOCAL maintenance_work_mem = '256MB';

-- Rows never change, so vacuum can freeze them early and never has to come back in a hurry.
CREATE TABLE tally.event_next (
    slot int NOT NULL,
    version int CHECK (version >= 1),
    position bigint NOT NULL CHECK (position >= 0),
    stream uuid,
    event_id uuid NOT NULL,
    leaf bytea NOT NULL CHECK (octet_length(leaf) BETWEEN 116 AND 1108),
    body bytea NOT NULL CHECK (octet_length(body) <= 16842752)
) WITH (
    autovacuum_vacuum_insert_scale_factor = 0,
    autovacuum_vacuum_insert_threshold = 200000,
    autovacuum_freeze_min_age = 0
);
ALTER TABLE tally.event_next ALTER COLUMN leaf SET STORAGE EXTERNAL;
ALTER TABLE tally.event_next ALTER COLUMN body SET STORAGE EXTERNAL;
-- Of a tenant that is new since the last statistics the planner would believe that it has no event,
-- and read a page of it through whichever index begins with the slot: all of its events.
ALTER TABLE tally.event_next ALTER COLUMN slot SET STATISTICS 0;

-- An event of no tenant has no slot, which stops here.
INSERT INTO tally.event_next
SELECT t.slot, e.version, e.position, e.stream,
    encode(substr(e.leaf, 36, 16), 'hex')::uuid, e.leaf, e.body
FROM tally.event e LEFT JOIN tally.tenant t USING (tenant_id);

DROP TABLE tally.event, tally.append_request;
ALTER TABLE tally.event_next RENAME TO event;
ALTER TABLE tally.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (slot, position),
    ADD CONSTRAINT event_slot_stream_version_key UNIQUE (slot, stream, version),
    ADD CONSTRAINT event_slot_event_id_key UNIQUE (slot, event_id);

-- The ledger's own events, which have no stream and no tag: few, and asked for by their kind.
CREATE INDEX event_own ON tally.event (slot, position) WHERE stream IS NULL;

RESET ROLE;
