-- What brings a lost or older key store back from the journals of living epochs. Blocks come first,
-- from the ledger's fences: whoever was erased stays so. What the key store has destroyed stays
-- destroyed too, and nothing is destroyed here that the ledger's log does not show.

-- Records epochs of which journals were read: one is the active one, the others live until a rotation
-- ends them. An epoch that was destroyed and is needed again lives again.
CREATE FUNCTION tally_keys.restore_epochs(
    p_ledger uuid, p_epochs bigint[], p_provider text, p_active bigint, p_at bigint
) RETURNS void
    LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    INSERT INTO tally_keys.key_epoch AS e
        (ledger_id, epoch, provider, state, created_at, deactivated_at)
    SELECT p_ledger, n, p_provider, 'deactivated', p_at, p_at FROM unnest(p_epochs) n
    ON CONFLICT (ledger_id, epoch) DO UPDATE
    SET state = 'deactivated', deactivated_at = p_at, destroyed_at = NULL, assurance = NULL
    WHERE e.state = 'destroyed';
    UPDATE tally_keys.key_epoch SET state = 'deactivated', deactivated_at = p_at
    WHERE ledger_id = p_ledger AND epoch <> p_active AND state = 'active';
    UPDATE tally_keys.key_epoch SET state = 'active', deactivated_at = NULL
    WHERE ledger_id = p_ledger AND epoch = p_active AND state <> 'active';
END
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

-- Stores wraps of tenants' TWKs in place of those that do not open; a tenant that was erased gets none.
-- p_dirty names tenants that had a later TWK, because a key under this one was destroyed.
CREATE FUNCTION tally_keys.restore_wraps(
    p_ledger uuid, p_tenants uuid[], p_epochs bigint[], p_twks bytea[], p_wrapped bytea[],
    p_dirty uuid[]
) RETURNS void
    LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    INSERT INTO tally_keys.tenant_wrap AS w (tenant_id, epoch, twk_id, wrapped)
    SELECT * FROM unnest(p_tenants, p_epochs, p_twks, p_wrapped)
    ON CONFLICT (tenant_id) DO UPDATE
    SET epoch = excluded.epoch, twk_id = excluded.twk_id, wrapped = excluded.wrapped
    WHERE w.wrapped IS NOT NULL;
    UPDATE tally_keys.tenant_wrap SET dirty_since = (
        SELECT max(epoch) FROM tally_keys.key_epoch WHERE ledger_id = p_ledger)
    WHERE tenant_id = ANY (p_dirty);
END
$$;

-- Stores keys that open under their tenants' TWKs, where there are none or in place of other wraps of
-- them. One whose name another key has by now is of the next free generation. A data key counts as used
-- up, because nobody knows any more how often it sealed. Gives how many of them live.
CREATE FUNCTION tally_keys.restore_keys(
    p_tenants uuid[], p_ids bytea[], p_kinds smallint[], p_tags bytea[], p_classes text[],
    p_generations int[], p_parents bytea[], p_wrapped bytea[], p_created bigint[], p_seals bigint
) RETURNS bigint
    LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_key record;
    v_generation int;
BEGIN
    FOR v_key IN
        SELECT * FROM unnest(p_tenants, p_ids, p_kinds, p_tags, p_classes, p_generations, p_parents,
            p_wrapped, p_created)
            n (tenant, id, kind, tag, class, generation, parent, wrapped, created)
    LOOP
        UPDATE tally_keys.key_record SET parent_key_id = v_key.parent, wrapped = v_key.wrapped
        WHERE key_id = v_key.id AND tenant_id = v_key.tenant AND state <> 'destroyed';
        CONTINUE WHEN FOUND OR EXISTS (
            SELECT FROM tally_keys.key_record WHERE key_id = v_key.id);
        SELECT CASE WHEN bool_or(generation = v_key.generation) THEN max(generation) + 1
            ELSE v_key.generation END INTO v_generation
        FROM tally_keys.key_record
        WHERE tenant_id = v_key.tenant AND kind = v_key.kind AND subject_tag = v_key.tag
            AND retention_class = v_key.class;
        -- A tenant's tags are made with one index key: a second one must not take its place.
        CONTINUE WHEN v_key.kind = 3 AND v_generation > v_key.generation;
        INSERT INTO tally_keys.key_record (
            key_id, tenant_id, kind, subject_tag, retention_class, generation, parent_key_id, state,
            wrapped, seals_reserved, created_at)
        VALUES (v_key.id, v_key.tenant, v_key.kind, v_key.tag, v_key.class, v_generation,
            v_key.parent, 'active', v_key.wrapped, p_seals, v_key.created);
    END LOOP;
    RETURN (SELECT count(*) FROM tally_keys.key_record
        WHERE key_id = ANY (p_ids) AND state <> 'destroyed');
END
$$;

-- Suspends what the ledger has fenced and not destroyed yet, and all keys of who may have none, and
-- destroys again what its log says is destroyed: keys by id, or of subjects and classes. Marks those
-- tenants, because the TWK in the journals could open what they still hold of the destroyed keys. Gives
-- how many of the tenant's keys neither seal nor open because of it.
CREATE FUNCTION tally_keys.restore_destruction(
    p_ledger uuid, p_tenant uuid, p_fenced bytea[], p_all_fenced boolean, p_destroyed bytea[],
    p_all_destroyed boolean, p_tags bytea[], p_classes text[], p_at bigint
) RETURNS bigint
    LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    c_ids CONSTANT bytea[] := ARRAY(
        SELECT key_id FROM tally_keys.key_record k
        WHERE tenant_id = p_tenant AND state <> 'destroyed'
            AND (p_all_fenced OR p_all_destroyed OR EXISTS (
                SELECT FROM tally_keys.key_block b
                WHERE b.tenant_id = p_tenant AND b.subject_tag = k.subject_tag
                    AND b.retention_class IN (k.retention_class, '*')
                    AND (b.lifted_at IS NULL OR key_id = ANY (p_fenced || p_destroyed)))));
BEGIN
    UPDATE tally_keys.key_record SET state = 'suspended'
    WHERE key_id = ANY (c_ids) AND state IN ('active', 'deactivated');
    IF p_all_destroyed OR cardinality(p_destroyed) > 0 THEN
        PERFORM tally_keys.destroy_keys(
            p_ledger, p_tenant, ARRAY(
                SELECT key_id FROM tally_keys.key_record k
                WHERE key_id = ANY (c_ids) AND (p_all_destroyed OR key_id = ANY (p_destroyed)
                    OR EXISTS (
                        SELECT FROM unnest(p_tags, p_classes) f (tag, class)
                        WHERE f.tag = k.subject_tag AND f.class IN (k.retention_class, '*')))),
            p_all_destroyed, p_at);
    END IF;
    RETURN cardinality(c_ids);
END
$$;

-- Takes over keys that only a journal has, where the key store has another one of the same name: a
-- process died before it could store the first one, or the key store is an older copy that was used
-- again. Not those of subjects who are or were blocked: about them the ledger has to be asked.
CREATE FUNCTION tally_keys.take_namesakes(
    p_tenants uuid[], p_ids bytea[], p_kinds smallint[], p_tags bytea[], p_classes text[],
    p_generations int[], p_parents bytea[], p_wrapped bytea[], p_created bigint[], p_seals bigint
) RETURNS bigint
    LANGUAGE sql VOLATILE
AS $$
    SELECT tally_keys.restore_keys(array_agg(tenant), array_agg(id), array_agg(kind),
        array_agg(tag), array_agg(class), array_agg(generation), array_agg(parent),
        array_agg(wrapped), array_agg(created), p_seals)
    FROM unnest(p_tenants, p_ids, p_kinds, p_tags, p_classes, p_generations, p_parents, p_wrapped,
        p_created) n (tenant, id, kind, tag, class, generation, parent, wrapped, created)
    WHERE NOT EXISTS (SELECT FROM tally_keys.key_record k WHERE k.key_id = n.id)
        AND EXISTS (
            SELECT FROM tally_keys.key_record k
            WHERE k.tenant_id = n.tenant AND k.kind = n.kind AND k.subject_tag = n.tag
                AND k.retention_class = n.class AND k.state = 'active')
        AND EXISTS (
            SELECT FROM tally_keys.tenant_wrap w
            WHERE w.tenant_id = n.tenant AND w.twk_id = n.parent AND w.wrapped IS NOT NULL)
        AND NOT EXISTS (
            SELECT FROM tally_keys.key_block b
            WHERE b.tenant_id = n.tenant
                AND b.subject_tag IN (n.tag, decode(repeat('00', 16), 'hex')))
    HAVING count(*) > 0
$$;

-- Keys that hang on none of their tenants' TWKs: nothing opens them.
CREATE FUNCTION tally_keys.count_orphans() RETURNS bigint
    LANGUAGE sql STABLE
AS $$
    SELECT keys FROM tally_keys.count_stale(0)
$$;

-- Forgets what only a lost epoch's KEK could open: its wraps, and keys that nothing opens any more. They
-- are lost then, and not erased.
CREATE FUNCTION tally_keys.give_up_epoch(
    p_ledger uuid, p_epoch bigint, p_at bigint, p_assurance text
) RETURNS TABLE (tenants bigint, keys bigint)
    LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    PERFORM FROM tally_keys.key_epoch WHERE ledger_id = p_ledger ORDER BY epoch FOR UPDATE;
    DELETE FROM tally_keys.tenant_wrap WHERE epoch = p_epoch AND wrapped IS NOT NULL;
    GET DIAGNOSTICS tenants = ROW_COUNT;
    DELETE FROM tally_keys.key_record k
    WHERE state <> 'destroyed' AND NOT EXISTS (
        SELECT FROM tally_keys.tenant_wrap w
        WHERE w.tenant_id = k.tenant_id AND w.twk_id = k.parent_key_id);
    GET DIAGNOSTICS keys = ROW_COUNT;
    UPDATE tally_keys.key_epoch
    SET state = 'destroyed', destroyed_at = p_at, assurance = p_assurance
    WHERE ledger_id = p_ledger AND epoch = p_epoch AND state <> 'destroyed';
    RETURN NEXT;
END
$$;
