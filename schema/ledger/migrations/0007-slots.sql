-- A tenant's key inside the database is its slot: 4 bytes in place of 16 in every row and index,
-- and first in each unique key. The tenant's id stays in every hash, and in the tables of tenants
-- and heads. Functions speak of slots from here on: writers of an earlier build are refused until
-- they are replaced.

-- All tables first, and the one that writers begin with before the others: whoever waits for one of
-- them then holds none, and a reader that is in the way is waited for less long than PostgreSQL
-- takes to call it a deadlock.
DO $$
DECLARE
    v_table regclass;
BEGIN
    FOR v_table IN
        SELECT c.oid FROM pg_class c
        WHERE c.relkind = 'r' AND c.relnamespace = 'tally'::regnamespace
        ORDER BY c.relname = 'head' DESC, c.oid
    LOOP
        EXECUTE format('LOCK TABLE %s', v_table);
        PERFORM set_config('lock_timeout', '200ms', true);
    END LOOP;
END
$$;

-- The functions of earlier editions, with their triggers, and the policies, which the guards make
-- again. Row security does not bind its owner meanwhile, or the owner would see no rows.
DO $$
DECLARE
    v_object record;
BEGIN
    FOR v_object IN
        SELECT oid::regprocedure AS name FROM pg_proc WHERE pronamespace = 'tally'::regnamespace
    LOOP
        EXECUTE format('DROP FUNCTION %s CASCADE', v_object.name);
    END LOOP;
    FOR v_object IN
        SELECT polname AS name, polrelid::regclass AS home FROM pg_policy
        JOIN pg_class c ON c.oid = polrelid WHERE c.relnamespace = 'tally'::regnamespace
    LOOP
        EXECUTE format('DROP POLICY %I ON %s', v_object.name, v_object.home);
    END LOOP;
    FOR v_object IN
        SELECT oid::regclass AS name FROM pg_class
        WHERE relnamespace = 'tally'::regnamespace AND relkind = 'r' AND relforcerowsecurity
    LOOP
        EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', v_object.name);
    END LOOP;
END
$$;

SET LOCAL ROLE tally_owner;

-- What no tenant's row names has no slot: it is looked at before anything is changed.
DO $$
BEGIN
    IF EXISTS (
        SELECT FROM tally.head h FULL JOIN tally.tenant t USING (tenant_id)
        WHERE h.tenant_id IS NULL OR t.tenant_id IS NULL)
    THEN
        RAISE EXCEPTION 'a tenant without its head, or a head without its tenant: '
            'verify this ledger with the build before' USING ERRCODE = 'TL009';
    END IF;
    IF EXISTS (
        WITH RECURSIVE seen (id) AS (
            (SELECT tenant_id FROM tally.event ORDER BY tenant_id LIMIT 1)
            UNION ALL
            SELECT (SELECT e.tenant_id FROM tally.event e WHERE e.tenant_id > s.id
                ORDER BY e.tenant_id LIMIT 1)
            FROM seen s WHERE s.id IS NOT NULL
        )
        SELECT FROM seen
        WHERE id IS NOT NULL AND id NOT IN (SELECT tenant_id FROM tally.tenant))
    THEN
        RAISE EXCEPTION 'events of a tenant that has no row: '
            'verify this ledger with the build before' USING ERRCODE = 'TL009';
    END IF;
END
$$;

ALTER TABLE tally.tenant
    DROP CONSTRAINT tenant_pkey,
    DROP CONSTRAINT tenant_slot_key,
    ADD PRIMARY KEY (slot),
    ADD CONSTRAINT tenant_tenant_id_key UNIQUE (tenant_id);

-- Rows of approvals, listed events and conflicts had no tenant of their own.
ALTER TABLE tally.approval ADD COLUMN tenant_id uuid;
UPDATE tally.approval a SET tenant_id = r.tenant_id FROM tally.request r
WHERE r.request_id = a.request_id;
ALTER TABLE tally.erasure_event ADD COLUMN tenant_id uuid;
UPDATE tally.erasure_event x SET tenant_id = e.tenant_id FROM tally.erasure e
WHERE e.erasure_id = x.erasure_id;
ALTER TABLE tally.restore_conflict ADD COLUMN tenant_id uuid;
UPDATE tally.restore_conflict x SET tenant_id = r.tenant_id FROM tally.restore r
WHERE r.restore_id = x.restore_id;

-- Registers: few rows, changed where they are.
DO $$
DECLARE
    v_table record;
BEGIN
    FOR v_table IN
        SELECT * FROM (VALUES
            ('restore', 'restore_id'), ('restriction', ''),
            ('key_fence', 'subject_tag, retention_class, fenced_at'), ('fenced_key', 'key_id'),
            ('cursor', 'projection, version'), ('dead_letter', 'projection, position'),
            ('request', 'request_id'), ('approval', 'request_id, operator_id'),
            ('erasure', 'erasure_id'), ('erasure_event', 'erasure_id, position'),
            ('projection_erasure', 'erasure_id, projection, version'), ('hold', 'hold_id'),
            ('restore_conflict', 'restore_id, stream'), ('owner', 'owner_id')
        ) t (name, key)
    LOOP
        EXECUTE format('ALTER TABLE tally.%I ADD COLUMN slot int', v_table.name);
        EXECUTE format('UPDATE tally.%I r SET slot = t.slot FROM tally.tenant t '
            'WHERE t.tenant_id = r.tenant_id', v_table.name);
        EXECUTE format('ALTER TABLE tally.%1$I DROP CONSTRAINT %2$I, DROP COLUMN tenant_id, '
            'ALTER COLUMN slot SET NOT NULL, ADD CONSTRAINT %2$I PRIMARY KEY (%3$s)',
            v_table.name, v_table.name || '_pkey',
            concat_ws(', ', 'slot', nullif(v_table.key, '')));
    END LOOP;
END
$$;

-- Those that began with the tenant went with its column. A decision may be named by its id alone.
DROP INDEX IF EXISTS tally.fenced_key_by_erasure, tally.erasure_following;
CREATE INDEX fenced_key_by_erasure ON tally.fenced_key (slot, erasure_id);
CREATE INDEX request_by_id ON tally.request (request_id);
CREATE UNIQUE INDEX erasure_following ON tally.erasure (slot, follows) WHERE state <> 'refused';
CREATE INDEX erasure_by_subject ON tally.erasure (slot, subject_tag);
CREATE INDEX hold_by_subject ON tally.hold (slot, subject_tag);

-- One row a tenant, updated by every append: the free space keeps the updates on their page. It has
-- the tenant's id too, because leaves begin with it.
CREATE TABLE tally.head_next (
    slot int NOT NULL,
    tenant_id uuid NOT NULL,
    size bigint NOT NULL CHECK (size >= 0),
    last_leaf_hash bytea NOT NULL CHECK (octet_length(last_leaf_hash) = 32),
    recorded_at bigint NOT NULL CHECK (recorded_at >= 0),
    closed_through bigint NOT NULL CHECK (closed_through >= 0),
    state smallint NOT NULL CHECK (state IN (0, 1, 2))
) WITH (fillfactor = 20);
INSERT INTO tally.head_next
SELECT t.slot, h.tenant_id, h.size, h.last_leaf_hash, h.recorded_at, h.closed_through, h.state
FROM tally.head h JOIN tally.tenant t USING (tenant_id) ORDER BY t.slot;
DROP TABLE tally.head;
ALTER TABLE tally.head_next RENAME TO head;
ALTER TABLE tally.head ADD CONSTRAINT head_pkey PRIMARY KEY (slot);

RESET ROLE;
