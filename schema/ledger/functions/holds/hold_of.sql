-- The hold that keeps a subject from being erased, or for the tag of zeros the tenant, if there is
-- one.
CREATE OR REPLACE FUNCTION tally.hold_of(p_slot int, p_tag bytea) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT hold_id FROM tally.hold h
    WHERE h.slot = p_slot AND h.released_at IS NULL
        AND (p_tag = decode(repeat('00', 16), 'hex')
            OR h.subject_tag IN (p_tag, decode(repeat('00', 16), 'hex')))
    ORDER BY placed_at LIMIT 1
$$;

ALTER FUNCTION tally.hold_of OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.hold_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.hold_of TO tally_operator, tally_executor;
