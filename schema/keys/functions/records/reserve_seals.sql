-- Reserves seals of a data key for one process; false when the key has reached its bound and the
-- next generation must be made.
CREATE OR REPLACE FUNCTION tally_keys.reserve_seals(p_key bytea, p_block bigint, p_bound bigint)
    RETURNS boolean
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE tally_keys.key_record SET seals_reserved = seals_reserved + p_block
    WHERE key_id = p_key AND state = 'active' AND seals_reserved + p_block <= p_bound;
    RETURN FOUND;
END
$$;

ALTER FUNCTION tally_keys.reserve_seals OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.reserve_seals FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.reserve_seals TO tally_key_writer, tally_key_keeper;
