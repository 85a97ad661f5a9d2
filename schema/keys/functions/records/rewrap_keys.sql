-- Stores keys that were wrapped anew under another TWK; one that was destroyed stays so.
CREATE OR REPLACE FUNCTION tally_keys.rewrap_keys(
    p_tenant uuid, p_parent bytea, p_ids bytea[], p_wrapped bytea[]
) RETURNS bigint
    LANGUAGE sql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    WITH done AS (
        UPDATE tally_keys.key_record k SET parent_key_id = p_parent, wrapped = n.wrapped
        FROM unnest(p_ids, p_wrapped) n (id, wrapped)
        WHERE k.key_id = n.id AND k.tenant_id = p_tenant AND k.state <> 'destroyed'
        RETURNING 1
    )
    SELECT count(*) FROM done
$$;

ALTER FUNCTION tally_keys.rewrap_keys OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.rewrap_keys FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.rewrap_keys TO tally_key_keeper;
