-- The key store's operations. A key is created under a share lock on its tenant's wrap, so that
-- whoever replaces the wrap or blocks a subject sees every key that was made under it.

-- The wrap of a tenant, held against replacement until the end of the transaction.
CREATE FUNCTION tally_keys.hold_wrap(p_tenant uuid) RETURNS SETOF tally_keys.tenant_wrap
    LANGUAGE sql VOLATILE
AS $$
    SELECT * FROM tally_keys.tenant_wrap WHERE tenant_id = p_tenant FOR SHARE
$$;

-- The wrap of a tenant as it is now, without a lock, which a standby could not take.
CREATE FUNCTION tally_keys.read_wrap(p_tenant uuid) RETURNS SETOF tally_keys.tenant_wrap
    LANGUAGE sql STABLE
AS $$
    SELECT * FROM tally_keys.tenant_wrap WHERE tenant_id = p_tenant
$$;

-- Records an epoch once, before its KEK is made; whoever comes second finds it there. No key is
-- destroyed meanwhile: each destruction knows every epoch that was before it.
CREATE FUNCTION tally_keys.open_epoch(
    p_ledger uuid, p_epoch bigint, p_provider text, p_created_at bigint
) RETURNS void
    LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('tally_keys.epoch'));
    INSERT INTO tally_keys.key_epoch (ledger_id, epoch, provider, state, created_at)
    VALUES (p_ledger, p_epoch, p_provider, 'pre-active', p_created_at)
    ON CONFLICT DO NOTHING;
END
$$;

-- Gives a tenant its wrapping key once: false when it has one already, NULL when the epoch is not the
-- active one any more. Until the end of the transaction it stays so.
CREATE FUNCTION tally_keys.create_wrap(
    p_ledger uuid, p_tenant uuid, p_epoch bigint, p_twk bytea, p_wrapped bytea
) RETURNS boolean
    LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    PERFORM FROM tally_keys.key_epoch
    WHERE ledger_id = p_ledger AND epoch = p_epoch AND state = 'active' FOR SHARE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    INSERT INTO tally_keys.tenant_wrap (tenant_id, epoch, twk_id, wrapped)
    VALUES (p_tenant, p_epoch, p_twk, p_wrapped) ON CONFLICT DO NOTHING;
    RETURN FOUND;
END
$$;

-- Stores new keys of one tenant where there are none yet. The caller holds the wrap and reads
-- back with find_named: a key that another process stored first is the one that counts.
-- Gives the ids that were stored; a blocked subject's are not.
CREATE FUNCTION tally_keys.create_keys(
    p_tenant uuid, p_parent bytea, p_created_at bigint, p_ids bytea[], p_kinds smallint[],
    p_tags bytea[], p_classes text[], p_generations int[], p_wrapped bytea[]
) RETURNS SETOF bytea
    LANGUAGE sql VOLATILE
AS $$
    INSERT INTO tally_keys.key_record (
        key_id, tenant_id, kind, subject_tag, retention_class, generation, parent_key_id,
        state, wrapped, created_at)
    SELECT k.id, p_tenant, k.kind, k.tag, k.class, k.generation, p_parent, 'active', k.wrapped,
        p_created_at
    FROM unnest(p_ids, p_kinds, p_tags, p_classes, p_generations, p_wrapped)
        k (id, kind, tag, class, generation, wrapped)
    WHERE NOT EXISTS (
        SELECT FROM tally_keys.key_block b
        WHERE b.tenant_id = p_tenant AND b.lifted_at IS NULL
            AND (b.subject_tag = decode(repeat('00', 16), 'hex')
                OR b.subject_tag = k.tag AND b.retention_class IN (k.class, '*')))
    ORDER BY k.kind, k.tag, k.class
    ON CONFLICT DO NOTHING
    RETURNING key_id
$$;

-- Whether one of these subjects and classes is blocked, or their whole tenant.
CREATE FUNCTION tally_keys.is_blocked(p_tenant uuid, p_tags bytea[], p_classes text[])
    RETURNS boolean
    LANGUAGE sql STABLE
AS $$
    SELECT EXISTS (
        SELECT FROM tally_keys.key_block b
        WHERE b.tenant_id = p_tenant AND b.lifted_at IS NULL
            AND (b.subject_tag = decode(repeat('00', 16), 'hex') OR EXISTS (
                SELECT FROM unnest(p_tags, p_classes) k (tag, class)
                WHERE b.subject_tag = k.tag AND b.retention_class IN (k.class, '*'))))
$$;

-- The newest generation of each named key, in the order asked; no row where there is none. A
-- readmitted one was destroyed, and its subject's block was lifted: it may have a next generation.
CREATE FUNCTION tally_keys.find_named(
    p_tenant uuid, p_kinds smallint[], p_tags bytea[], p_classes text[]
) RETURNS TABLE (
    ordinal int, key_id bytea, kind smallint, subject_tag bytea, retention_class text,
    generation int, state text, wrapped bytea, readmitted boolean
)
    LANGUAGE sql STABLE
    SET enable_seqscan = off
AS $$
    SELECT q.o::int, k.key_id, k.kind, k.subject_tag, k.retention_class, k.generation, k.state,
        k.wrapped, k.state = 'destroyed' AND coalesce((
            SELECT bool_and(b.lifted_at IS NOT NULL) FROM tally_keys.key_block b
            WHERE b.tenant_id = p_tenant AND b.subject_tag = k.subject_tag
                AND b.retention_class IN (k.retention_class, '*')), false)
    FROM unnest(p_kinds, p_tags, p_classes) WITH ORDINALITY q (kind, tag, class, o)
    CROSS JOIN LATERAL (
        SELECT x.* FROM tally_keys.key_record x
        WHERE x.tenant_id = p_tenant AND x.kind = q.kind AND x.subject_tag = q.tag
            AND x.retention_class = q.class
        ORDER BY x.generation DESC LIMIT 1
    ) k
$$;

-- Keys by id, for readers.
CREATE FUNCTION tally_keys.find_ids(p_tenant uuid, p_ids bytea[])
    RETURNS TABLE (
        key_id bytea, kind smallint, subject_tag bytea, retention_class text, generation int,
        state text, wrapped bytea
    )
    LANGUAGE sql STABLE
    SET enable_seqscan = off
AS $$
    SELECT k.key_id, k.kind, k.subject_tag, k.retention_class, k.generation, k.state, k.wrapped
    FROM unnest(p_ids) q (id)
    JOIN tally_keys.key_record k ON k.key_id = q.id AND k.tenant_id = p_tenant
$$;

-- Reserves seals of a data key for one process; false when the key has reached its bound and the
-- next generation must be made.
CREATE FUNCTION tally_keys.reserve_seals(p_key bytea, p_block bigint, p_bound bigint)
    RETURNS boolean
    LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    UPDATE tally_keys.key_record SET seals_reserved = seals_reserved + p_block
    WHERE key_id = p_key AND state = 'active' AND seals_reserved + p_block <= p_bound;
    RETURN FOUND;
END
$$;

-- What a rotation does next: tenants whose wrap is of an older epoch than the new one, a page in
-- the order of epochs.
CREATE FUNCTION tally_keys.find_stale_wraps(p_epoch bigint, p_limit int)
    RETURNS SETOF tally_keys.tenant_wrap
    LANGUAGE sql STABLE
AS $$
    SELECT * FROM tally_keys.tenant_wrap
    WHERE epoch < p_epoch AND wrapped IS NOT NULL
    ORDER BY epoch, tenant_id LIMIT p_limit
$$;

-- Wraps of some tenants, locked: no key is created under them until the transaction ends.
CREATE FUNCTION tally_keys.lock_wraps(p_tenants uuid[]) RETURNS SETOF tally_keys.tenant_wrap
    LANGUAGE sql VOLATILE
AS $$
    SELECT * FROM tally_keys.tenant_wrap WHERE tenant_id = ANY (p_tenants)
    ORDER BY tenant_id FOR UPDATE
$$;

-- The keys of a tenant that are not destroyed.
CREATE FUNCTION tally_keys.live_keys(p_tenants uuid[]) RETURNS SETOF tally_keys.key_record
    LANGUAGE sql STABLE
AS $$
    SELECT * FROM tally_keys.key_record
    WHERE tenant_id = ANY (p_tenants) AND state <> 'destroyed'
    ORDER BY tenant_id, kind, subject_tag, retention_class, generation
$$;

-- Stores wraps that the caller has locked under a new epoch. A tenant of which a key was destroyed
-- is clean again only with a new TWK, under an epoch that was opened after the destruction.
CREATE FUNCTION tally_keys.replace_wraps(
    p_epoch bigint, p_tenants uuid[], p_twks bytea[], p_wrapped bytea[]
) RETURNS void
    LANGUAGE sql VOLATILE
AS $$
    UPDATE tally_keys.tenant_wrap w
    SET epoch = p_epoch, twk_id = n.twk, wrapped = n.wrapped,
        dirty_since = CASE WHEN n.twk <> w.twk_id AND p_epoch > w.dirty_since THEN NULL
            ELSE w.dirty_since END
    FROM unnest(p_tenants, p_twks, p_wrapped) n (tenant, twk, wrapped)
    WHERE w.tenant_id = n.tenant
$$;

-- Stores keys that were wrapped anew under another TWK; one that was destroyed stays so.
CREATE FUNCTION tally_keys.rewrap_keys(
    p_tenant uuid, p_parent bytea, p_ids bytea[], p_wrapped bytea[]
) RETURNS bigint
    LANGUAGE sql VOLATILE
AS $$
    WITH done AS (
        UPDATE tally_keys.key_record k SET parent_key_id = p_parent, wrapped = n.wrapped
        FROM unnest(p_ids, p_wrapped) n (id, wrapped)
        WHERE k.key_id = n.id AND k.tenant_id = p_tenant AND k.state <> 'destroyed'
        RETURNING 1
    )
    SELECT count(*) FROM done
$$;

-- What still hangs on epochs before one: wraps of theirs, and live keys whose parent is not their
-- tenant's TWK. Both are 0 before any of those epochs may end.
CREATE FUNCTION tally_keys.count_stale(p_epoch bigint)
    RETURNS TABLE (wraps bigint, keys bigint)
    LANGUAGE sql STABLE
AS $$
    SELECT (SELECT count(*) FROM tally_keys.tenant_wrap WHERE epoch < p_epoch AND wrapped IS NOT NULL),
        (SELECT count(*) FROM tally_keys.key_record k
            LEFT JOIN tally_keys.tenant_wrap w USING (tenant_id)
            WHERE k.state <> 'destroyed' AND k.parent_key_id IS DISTINCT FROM w.twk_id)
$$;

-- Makes an epoch the active one, in one step with the end of those before it: there never are two.
-- False, and nothing is changed, while a wrap needs an older one. Locks come first, so whoever makes a
-- wrap meanwhile is counted or waits.
CREATE FUNCTION tally_keys.switch_epoch(p_ledger uuid, p_epoch bigint, p_at bigint) RETURNS boolean
    LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    PERFORM FROM tally_keys.key_epoch WHERE ledger_id = p_ledger ORDER BY epoch FOR UPDATE;
    IF EXISTS (
        SELECT FROM tally_keys.tenant_wrap WHERE epoch < p_epoch AND wrapped IS NOT NULL)
    THEN
        RETURN false;
    END IF;
    UPDATE tally_keys.key_epoch SET state = 'deactivated', deactivated_at = p_at
    WHERE ledger_id = p_ledger AND epoch < p_epoch AND state IN ('active', 'pre-active');
    UPDATE tally_keys.key_epoch SET state = 'active'
    WHERE ledger_id = p_ledger AND epoch = p_epoch AND state = 'pre-active';
    RETURN true;
END
$$;

-- Notes that an epoch's KEK is gone.
CREATE FUNCTION tally_keys.end_epoch(
    p_ledger uuid, p_epoch bigint, p_destroyed_at bigint, p_assurance text
) RETURNS void
    LANGUAGE sql VOLATILE
AS $$
    UPDATE tally_keys.key_epoch
    SET state = 'destroyed', destroyed_at = p_destroyed_at, assurance = p_assurance
    WHERE ledger_id = p_ledger AND epoch = p_epoch AND state = 'deactivated'
$$;

-- Notes that the ledger says so.
CREATE FUNCTION tally_keys.note_recorded(p_ledger uuid, p_epoch bigint) RETURNS void
    LANGUAGE sql VOLATILE
AS $$
    UPDATE tally_keys.key_epoch SET is_recorded = true WHERE ledger_id = p_ledger AND epoch = p_epoch
$$;

-- Blocks a subject's classes ('*' for all of them), or with the tag of zeros the whole tenant, and
-- suspends the keys: nothing is sealed or opened with them from here on. Gives their ids, and those of
-- keys that were suspended or destroyed before: a ledger that was restored from an older backup has
-- their ciphertext again.
CREATE FUNCTION tally_keys.block_keys(
    p_tenant uuid, p_tag bytea, p_classes text[], p_at bigint
) RETURNS TABLE (key_id bytea, retention_class text)
    LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    c_all CONSTANT boolean := p_tag = decode(repeat('00', 16), 'hex');
BEGIN
    PERFORM FROM tally_keys.tenant_wrap WHERE tenant_id = p_tenant FOR UPDATE;
    INSERT INTO tally_keys.key_block (tenant_id, subject_tag, retention_class, blocked_at)
    SELECT p_tenant, p_tag, c, p_at FROM unnest(p_classes) c
    WHERE NOT EXISTS (
        SELECT FROM tally_keys.key_block b
        WHERE b.tenant_id = p_tenant AND b.subject_tag = p_tag AND b.retention_class = c
            AND b.lifted_at IS NULL)
    ON CONFLICT DO NOTHING;
    UPDATE tally_keys.key_record k SET state = 'suspended'
    WHERE k.tenant_id = p_tenant AND k.state IN ('active', 'deactivated')
        AND (c_all OR k.kind = 2 AND k.subject_tag = p_tag
            AND (k.retention_class = ANY (p_classes) OR '*' = ANY (p_classes)));
    RETURN QUERY
        SELECT k.key_id, k.retention_class FROM tally_keys.key_record k
        WHERE k.tenant_id = p_tenant AND k.state IN ('suspended', 'destroyed')
            AND (c_all OR k.kind = 2 AND k.subject_tag = p_tag
                AND (k.retention_class = ANY (p_classes) OR '*' = ANY (p_classes)))
        ORDER BY k.key_id;
END
$$;

-- Takes back what block_keys did, because a hold came before the fence: not for keys and classes that
-- another erasure has fenced.
CREATE FUNCTION tally_keys.unblock_keys(
    p_tenant uuid, p_tag bytea, p_classes text[], p_fenced_keys bytea[], p_fenced_classes text[],
    p_at bigint
) RETURNS void
    LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    c_all CONSTANT boolean := p_tag = decode(repeat('00', 16), 'hex');
BEGIN
    PERFORM FROM tally_keys.tenant_wrap WHERE tenant_id = p_tenant FOR UPDATE;
    UPDATE tally_keys.key_block SET lifted_at = p_at
    WHERE tenant_id = p_tenant AND subject_tag = p_tag AND retention_class = ANY (p_classes)
        AND retention_class <> ALL (p_fenced_classes) AND lifted_at IS NULL;
    UPDATE tally_keys.key_record k SET state = 'active'
    WHERE k.tenant_id = p_tenant AND k.state = 'suspended' AND k.key_id <> ALL (p_fenced_keys)
        AND (c_all OR k.kind = 2 AND k.subject_tag = p_tag
            AND (k.retention_class = ANY (p_classes) OR '*' = ANY (p_classes)));
END
$$;

-- Destroys suspended keys of blocked subjects, and for a whole tenant its TWK too: whoever names a key
-- does not say whose it is. Gives the newest epoch that there was:
-- no copy of the keys can be opened once it and all before it are destroyed.
CREATE FUNCTION tally_keys.destroy_keys(
    p_ledger uuid, p_tenant uuid, p_ids bytea[], p_whole boolean, p_at bigint
) RETURNS bigint
    LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_epoch bigint;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('tally_keys.epoch'));
    PERFORM FROM tally_keys.tenant_wrap WHERE tenant_id = p_tenant FOR UPDATE;
    SELECT max(epoch) INTO STRICT v_epoch FROM tally_keys.key_epoch WHERE ledger_id = p_ledger;
    UPDATE tally_keys.key_record SET state = 'destroyed', wrapped = NULL, destroyed_at = p_at
    FROM (SELECT subject_tag AS tag, retention_class AS class FROM tally_keys.key_block
        WHERE tenant_id = p_tenant) b
    WHERE tenant_id = p_tenant AND state = 'suspended' AND key_id = ANY (p_ids)
        AND (b.tag = decode(repeat('00', 16), 'hex')
            OR kind = 2 AND b.tag = subject_tag AND b.class IN (retention_class, '*'));
    UPDATE tally_keys.tenant_wrap
    SET dirty_since = v_epoch, wrapped = CASE WHEN NOT p_whole THEN wrapped END
    WHERE tenant_id = p_tenant;
    RETURN v_epoch;
END
$$;

-- How many keys of a subject's classes, or for the tag of zeros of the tenant, are not destroyed.
CREATE FUNCTION tally_keys.count_live(p_tenant uuid, p_tag bytea, p_classes text[]) RETURNS bigint
    LANGUAGE sql STABLE
AS $$
    SELECT count(*) FROM tally_keys.key_record k
    WHERE tenant_id = p_tenant AND state <> 'destroyed'
        AND (p_tag = decode(repeat('00', 16), 'hex') OR kind = 2 AND subject_tag = p_tag
            AND (retention_class = ANY (p_classes) OR '*' = ANY (p_classes)))
$$;

-- Ends the blocks of a subject who was readmitted: the next key is of the next generation.
CREATE FUNCTION tally_keys.lift_block(p_tenant uuid, p_tag bytea, p_at bigint) RETURNS void
    LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    PERFORM FROM tally_keys.tenant_wrap WHERE tenant_id = p_tenant FOR UPDATE;
    UPDATE tally_keys.key_block SET lifted_at = p_at
    WHERE tenant_id = p_tenant AND subject_tag = p_tag AND lifted_at IS NULL;
END
$$;
