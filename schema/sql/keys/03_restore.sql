-- What brings a lost or older key store back from the journals of living epochs. Blocks come first,
-- from the ledger's fences: whoever was erased stays so.

-- Records an epoch whose KEK lives; the newest becomes the active one.
CREATE FUNCTION tally_keys.restore_epoch(
    p_ledger uuid, p_epoch bigint, p_provider text, p_active boolean, p_at bigint
) RETURNS void
    LANGUAGE sql VOLATILE
AS $$
    INSERT INTO tally_keys.key_epoch AS e
        (ledger_id, epoch, provider, state, created_at, deactivated_at)
    VALUES (p_ledger, p_epoch, p_provider,
        CASE WHEN p_active THEN 'active' ELSE 'deactivated' END, p_at,
        CASE WHEN NOT p_active THEN p_at END)
    ON CONFLICT (ledger_id, epoch) DO UPDATE SET state = excluded.state,
        deactivated_at = coalesce(e.deactivated_at, excluded.deactivated_at)
    WHERE e.state <> 'destroyed'
$$;

-- Epochs whose KEK is gone protect nothing, whatever an older copy of the key store says of them.
CREATE FUNCTION tally_keys.deactivate_lost(p_ledger uuid, p_epochs bigint[], p_at bigint)
    RETURNS void
    LANGUAGE sql VOLATILE
AS $$
    UPDATE tally_keys.key_epoch SET state = 'deactivated', deactivated_at = p_at
    WHERE ledger_id = p_ledger AND epoch = ANY (p_epochs) AND state IN ('active', 'pre-active')
$$;

-- Blocks subjects and tenants as the ledger has them fenced; a lifted block stays lifted.
CREATE FUNCTION tally_keys.restore_blocks(
    p_tenants uuid[], p_tags bytea[], p_classes text[], p_blocked bigint[], p_lifted bigint[]
) RETURNS void
    LANGUAGE sql VOLATILE
AS $$
    INSERT INTO tally_keys.key_block
    SELECT * FROM unnest(p_tenants, p_tags, p_classes, p_blocked, p_lifted)
    ON CONFLICT (tenant_id, subject_tag, retention_class, blocked_at)
        DO UPDATE SET lifted_at = excluded.lifted_at
$$;

-- Stores wraps of tenants' TWKs where there is none or one of an older epoch.
CREATE FUNCTION tally_keys.restore_wraps(
    p_tenants uuid[], p_epochs bigint[], p_twks bytea[], p_wrapped bytea[]
) RETURNS void
    LANGUAGE sql VOLATILE
AS $$
    INSERT INTO tally_keys.tenant_wrap AS w (tenant_id, epoch, twk_id, wrapped)
    SELECT * FROM unnest(p_tenants, p_epochs, p_twks, p_wrapped)
    ON CONFLICT (tenant_id) DO UPDATE
    SET epoch = excluded.epoch, twk_id = excluded.twk_id, wrapped = excluded.wrapped
    WHERE w.wrapped IS NOT NULL AND excluded.epoch >= w.epoch
$$;

-- Stores keys of one tenant where there are none, or under the parent that they have now. A data key
-- counts as used up, because nobody knows any more how often it sealed. Gives how many.
CREATE FUNCTION tally_keys.restore_keys(
    p_tenant uuid, p_ids bytea[], p_kinds smallint[], p_tags bytea[], p_classes text[],
    p_generations int[], p_parents bytea[], p_wrapped bytea[], p_created bigint[], p_seals bigint
) RETURNS bigint
    LANGUAGE sql VOLATILE
AS $$
    WITH restored AS (
        INSERT INTO tally_keys.key_record AS k (
            key_id, tenant_id, kind, subject_tag, retention_class, generation, parent_key_id, state,
            wrapped, seals_reserved, created_at)
        SELECT n.id, p_tenant, n.kind, n.tag, n.class, n.generation, n.parent, 'active', n.wrapped,
            p_seals, n.created
        FROM unnest(p_ids, p_kinds, p_tags, p_classes, p_generations, p_parents, p_wrapped,
            p_created) n (id, kind, tag, class, generation, parent, wrapped, created)
        ON CONFLICT (key_id) DO UPDATE
        SET parent_key_id = excluded.parent_key_id, wrapped = excluded.wrapped
        WHERE k.tenant_id = excluded.tenant_id AND k.state <> 'destroyed'
        RETURNING 1
    )
    SELECT count(*) FROM restored
$$;

-- Destroys again what the ledger has fenced, and marks those tenants: the TWK in the journals could
-- open what they still hold of the destroyed keys.
CREATE FUNCTION tally_keys.restore_destruction(
    p_ledger uuid, p_tenant uuid, p_ids bytea[], p_whole boolean, p_at bigint
) RETURNS void
    LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    UPDATE tally_keys.key_record k SET state = 'suspended'
    WHERE tenant_id = p_tenant AND state <> 'destroyed' AND (p_whole OR key_id = ANY (p_ids)
        AND EXISTS (
            SELECT FROM tally_keys.key_block b
            WHERE b.tenant_id = p_tenant AND b.subject_tag = k.subject_tag
                AND b.retention_class IN (k.retention_class, '*')));
    PERFORM tally_keys.destroy_keys(
        p_ledger, p_tenant, ARRAY(
            SELECT key_id FROM tally_keys.key_record
            WHERE tenant_id = p_tenant AND state = 'suspended' AND (p_whole OR key_id = ANY (p_ids))),
        p_whole, p_at);
END
$$;
