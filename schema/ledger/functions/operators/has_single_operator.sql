-- Whether one person decides alone: chosen when the ledger was created, and shown in every
-- certificate.
CREATE OR REPLACE FUNCTION tally.has_single_operator() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT single_operator FROM tally.ledger
$$;

ALTER FUNCTION tally.has_single_operator OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.has_single_operator FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.has_single_operator TO tally_operator, tally_executor;
