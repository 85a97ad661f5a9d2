-- Which of some keys the key store has neither alive nor destroyed.
CREATE OR REPLACE FUNCTION tally_keys.unknown_keys(p_ids bytea[]) RETURNS SETOF bytea
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET enable_seqscan = off
AS $$
    SELECT q.id FROM unnest(p_ids) q (id)
    WHERE NOT EXISTS (SELECT FROM tally_keys.key_record k WHERE k.key_id = q.id)
$$;

ALTER FUNCTION tally_keys.unknown_keys OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.unknown_keys FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.unknown_keys TO tally_key_keeper;
