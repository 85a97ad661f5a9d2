-- The first two people need nobody's approval: there is nobody yet who could give it.
CREATE OR REPLACE FUNCTION tally.is_founding() RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT count(DISTINCT person) < 2 FROM tally.operator);
END
$$;

ALTER FUNCTION tally.is_founding OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.is_founding FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.is_founding TO tally_operator;
