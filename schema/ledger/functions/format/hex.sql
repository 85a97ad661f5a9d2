-- An id as the format writes it.
CREATE OR REPLACE FUNCTION tally.hex(p_id uuid) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN encode(uuid_send(p_id), 'hex');

ALTER FUNCTION tally.hex OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.hex FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.hex TO
    tally_appender, tally_ledgerkinds, tally_writer, tally_operator, tally_reader,
    tally_auditor;
