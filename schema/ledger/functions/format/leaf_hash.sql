-- The hash of a leaf: chain link and RFC 9162 tree leaf in one.
CREATE OR REPLACE FUNCTION tally.leaf_hash(p_leaf bytea) RETURNS bytea
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN sha256('\x00'::bytea || p_leaf);

ALTER FUNCTION tally.leaf_hash OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.leaf_hash FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.leaf_hash TO
    tally_appender, tally_ledgerkinds, tally_writer, tally_operator, tally_reader,
    tally_auditor;
