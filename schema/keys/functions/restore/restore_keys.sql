-- Stores keys that open under their tenants' TWKs, where there are none or in place of other wraps
-- of them. One whose name another key has by now is of the next free generation. A data key counts
-- as used up, because nobody knows any more how often it sealed. Gives how many of them live.
CREATE OR REPLACE FUNCTION tally_keys.restore_keys(
    p_tenants uuid[], p_ids bytea[], p_kinds smallint[], p_tags bytea[], p_classes text[],
    p_generations int[], p_parents bytea[], p_wrapped bytea[], p_created bigint[], p_seals bigint
) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
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

ALTER FUNCTION tally_keys.restore_keys OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.restore_keys FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.restore_keys TO tally_key_keeper;
