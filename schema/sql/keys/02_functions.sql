-- The key store's operations. A key is created under a share lock on its tenant's wrap, so that
-- whoever replaces the wrap or blocks a subject sees every key that was made under it.

-- The wrap of a tenant, held against replacement until the end of the transaction.
CREATE FUNCTION tally_keys.hold_wrap(p_tenant uuid) RETURNS SETOF tally_keys.tenant_wrap
    LANGUAGE sql VOLATILE
AS $$
    SELECT * FROM tally_keys.tenant_wrap WHERE tenant_id = p_tenant FOR SHARE
$$;

-- Records an epoch once; whoever comes second finds it there.
CREATE FUNCTION tally_keys.create_epoch(
    p_ledger uuid, p_epoch bigint, p_provider text, p_created_at bigint
) RETURNS void
    LANGUAGE sql VOLATILE
AS $$
    INSERT INTO tally_keys.key_epoch (ledger_id, epoch, provider, state, created_at)
    VALUES (p_ledger, p_epoch, p_provider, 'active', p_created_at)
    ON CONFLICT DO NOTHING
$$;

-- The epoch that new keys are wrapped under.
CREATE FUNCTION tally_keys.current_epoch(p_ledger uuid) RETURNS SETOF tally_keys.key_epoch
    LANGUAGE sql STABLE
AS $$
    SELECT * FROM tally_keys.key_epoch WHERE ledger_id = p_ledger AND state = 'active'
    ORDER BY epoch DESC LIMIT 1
$$;

-- Gives a tenant its wrapping key once; false when it has one already.
CREATE FUNCTION tally_keys.create_wrap(
    p_tenant uuid, p_epoch bigint, p_twk bytea, p_wrapped bytea
) RETURNS boolean
    LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
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
        WHERE b.tenant_id = p_tenant AND b.subject_tag = k.tag AND b.retention_class = k.class
            AND b.lifted_at IS NULL)
    ORDER BY k.kind, k.tag, k.class
    ON CONFLICT DO NOTHING
    RETURNING key_id
$$;

-- The newest generation of each named key, in the order asked; no row where there is none.
CREATE FUNCTION tally_keys.find_named(
    p_tenant uuid, p_kinds smallint[], p_tags bytea[], p_classes text[]
) RETURNS TABLE (
    ordinal int, key_id bytea, kind smallint, subject_tag bytea, retention_class text,
    generation int, state text, wrapped bytea
)
    LANGUAGE sql STABLE
    SET enable_seqscan = off
AS $$
    SELECT q.o::int, k.key_id, k.kind, k.subject_tag, k.retention_class, k.generation, k.state,
        k.wrapped
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
