-- How many keys of a subject's classes, or for the tag of zeros of the tenant, are not destroyed.
CREATE OR REPLACE FUNCTION tally_keys.count_live(p_tenant uuid, p_tag bytea, p_classes text[])
    RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT count(*) FROM tally_keys.key_record k
    WHERE tenant_id = p_tenant AND state <> 'destroyed'
        AND (p_tag = decode(repeat('00', 16), 'hex') OR kind = 2 AND subject_tag = p_tag
            AND (retention_class = ANY (p_classes) OR '*' = ANY (p_classes)))
$$;

ALTER FUNCTION tally_keys.count_live OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.count_live FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.count_live TO tally_key_keeper;
