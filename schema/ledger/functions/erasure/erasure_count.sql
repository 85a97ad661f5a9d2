-- How often what may be read of a tenant has become less: a projector whose page is older than the
-- newest time must take it again.
CREATE OR REPLACE FUNCTION tally.erasure_count(p_slot int) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT (SELECT count(*) FROM tally.key_fence WHERE slot = p_slot)
        + (SELECT count(*) FROM tally.erasure WHERE slot = p_slot AND purged_at IS NOT NULL)
$$;

ALTER FUNCTION tally.erasure_count OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.erasure_count FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.erasure_count TO tally_projector;
