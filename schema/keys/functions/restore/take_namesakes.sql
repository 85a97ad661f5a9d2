-- Takes over keys that only a journal has, where the key store has another one of the same name: a
-- process died before it could store the first one, or the key store is an older copy that was used
-- again. Not those of subjects who are or were blocked: about them the ledger has to be asked.
CREATE OR REPLACE FUNCTION tally_keys.take_namesakes(
    p_tenants uuid[], p_ids bytea[], p_kinds smallint[], p_tags bytea[], p_classes text[],
    p_generations int[], p_parents bytea[], p_wrapped bytea[], p_created bigint[], p_seals bigint
) RETURNS bigint
    LANGUAGE sql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
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

ALTER FUNCTION tally_keys.take_namesakes OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.take_namesakes FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.take_namesakes TO tally_key_keeper;
