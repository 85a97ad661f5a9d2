-- Bytes as a JSON string of hexadecimal digits; nothing for NULL.
CREATE OR REPLACE FUNCTION tally.quoted(p_bytes bytea) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce('"' || encode(p_bytes, 'hex') || '"', '');

ALTER FUNCTION tally.quoted OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.quoted FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.quoted TO
    tally_appender, tally_ledgerkinds, tally_writer, tally_operator, tally_reader,
    tally_auditor;
