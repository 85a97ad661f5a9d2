-- Ids of keys that are not destroyed, a page in their order, beginning after one.
CREATE OR REPLACE FUNCTION tally_keys.live_ids(p_after bytea, p_limit int) RETURNS SETOF bytea
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT key_id FROM tally_keys.key_record WHERE key_id > p_after AND state <> 'destroyed'
    ORDER BY key_id LIMIT p_limit
$$;

ALTER FUNCTION tally_keys.live_ids OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.live_ids FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.live_ids TO tally_key_keeper;
