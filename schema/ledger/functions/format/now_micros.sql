-- The ledger's clock.
CREATE OR REPLACE FUNCTION tally.now_micros() RETURNS bigint
    LANGUAGE sql VOLATILE
    RETURN (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;

ALTER FUNCTION tally.now_micros OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.now_micros FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.now_micros TO
    tally_appender, tally_ledgerkinds, tally_writer, tally_operator, tally_projector,
    tally_reader, tally_auditor;
