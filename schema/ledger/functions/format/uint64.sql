-- An unsigned big-endian number of eight bytes; those of the format stay below 2^63.
CREATE OR REPLACE FUNCTION tally.uint64(p_bytes bytea) RETURNS bigint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ('x' || encode(p_bytes, 'hex'))::bit(64)::bigint;

ALTER FUNCTION tally.uint64 OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.uint64 FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.uint64 TO
    tally_appender, tally_ledgerkinds, tally_writer, tally_operator, tally_reader,
    tally_auditor;
