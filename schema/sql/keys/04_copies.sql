-- What copies of the key store are told apart by, and what this one lacks that a key journal has.

-- Where this key store is, as far as its server tells: the cluster, its history (a promoted standby and
-- a recovered backup begin another timeline), its folder, and the database; NULL on a standby. Whoever
-- asks gets the same answer, because it is asked with the rights of the schema's owner.
CREATE FUNCTION tally_keys.place() RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_system text;
    v_folder text;
BEGIN
    IF pg_is_in_recovery() THEN
        RETURN NULL;
    END IF;
    BEGIN
        SELECT system_identifier INTO v_system FROM pg_control_system();
    EXCEPTION WHEN insufficient_privilege THEN
        v_system := '-';
    END;
    BEGIN
        v_folder := current_setting('data_directory');
    EXCEPTION WHEN insufficient_privilege THEN
        v_folder := '-';
    END;
    RETURN format('system %s timeline %s folder %s database %s', v_system,
        left(pg_walfile_name(pg_current_wal_lsn()), 8), v_folder,
        (SELECT oid FROM pg_database WHERE datname = current_database()));
END
$$;

-- The ownership that this copy took last (0: none), and where it is.
CREATE FUNCTION tally_keys.find_owner(p_ledger uuid) RETURNS TABLE (ordinal bigint, place text)
    LANGUAGE sql STABLE
AS $$
    SELECT coalesce((SELECT o.ordinal FROM tally_keys.key_owner o WHERE ledger_id = p_ledger), 0),
        tally_keys.place()
$$;

-- Notes that this copy took the ownership.
CREATE FUNCTION tally_keys.note_owner(p_ledger uuid, p_ordinal bigint, p_at bigint) RETURNS void
    LANGUAGE sql VOLATILE
AS $$
    INSERT INTO tally_keys.key_owner AS o VALUES (p_ledger, p_ordinal, p_at)
    ON CONFLICT (ledger_id) DO UPDATE SET ordinal = excluded.ordinal, taken_at = excluded.taken_at
$$;

-- Waits for whoever is making keys of some tenants, or tenants, and lets nobody begin until the end
-- of the transaction: what a journal has and the key store not is not on its way then.
CREATE FUNCTION tally_keys.hold_creation(p_ledger uuid, p_tenants uuid[]) RETURNS void
    LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    PERFORM FROM tally_keys.key_epoch WHERE ledger_id = p_ledger ORDER BY epoch FOR UPDATE;
    PERFORM FROM tally_keys.tenant_wrap WHERE tenant_id = ANY (p_tenants)
    ORDER BY tenant_id FOR UPDATE;
END
$$;

-- Which of some keys the key store has neither alive nor destroyed.
CREATE FUNCTION tally_keys.unknown_keys(p_ids bytea[]) RETURNS SETOF bytea
    LANGUAGE sql STABLE
    SET enable_seqscan = off
AS $$
    SELECT q.id FROM unnest(p_ids) q (id)
    WHERE NOT EXISTS (SELECT FROM tally_keys.key_record k WHERE k.key_id = q.id)
$$;

-- Which of some tenants never had a wrapping key here.
CREATE FUNCTION tally_keys.unknown_tenants(p_tenants uuid[]) RETURNS SETOF uuid
    LANGUAGE sql STABLE
    SET enable_seqscan = off
AS $$
    SELECT q.id FROM unnest(p_tenants) q (id)
    WHERE NOT EXISTS (SELECT FROM tally_keys.tenant_wrap w WHERE w.tenant_id = q.id)
$$;

-- A few wraps of each epoch that has some, to try its KEK with.
CREATE FUNCTION tally_keys.sample_wraps(p_limit int) RETURNS SETOF tally_keys.tenant_wrap
    LANGUAGE sql STABLE
AS $$
    SELECT w.* FROM (SELECT DISTINCT epoch FROM tally_keys.tenant_wrap WHERE wrapped IS NOT NULL) e
    CROSS JOIN LATERAL (
        SELECT * FROM tally_keys.tenant_wrap x WHERE x.epoch = e.epoch AND x.wrapped IS NOT NULL
        ORDER BY tenant_id LIMIT p_limit) w
$$;

-- Ids of keys that are not destroyed, a page in their order, beginning after one.
CREATE FUNCTION tally_keys.live_ids(p_after bytea, p_limit int) RETURNS SETOF bytea
    LANGUAGE sql STABLE
AS $$
    SELECT key_id FROM tally_keys.key_record WHERE key_id > p_after AND state <> 'destroyed'
    ORDER BY key_id LIMIT p_limit
$$;
