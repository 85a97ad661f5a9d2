-- A leaf of its fields; p_digests are the part digests, joined.
CREATE OR REPLACE FUNCTION tally.leaf(
    p_kind int, p_tenant uuid, p_position bigint, p_recorded_at bigint, p_event_id uuid,
    p_previous bytea, p_digests bytea
) RETURNS bytea
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN '\x0001'::bytea || substr(int4send(p_kind), 4) || uuid_send(p_tenant)
        || int8send(p_position) || int8send(p_recorded_at) || uuid_send(p_event_id)
        || p_previous || substr(int4send(octet_length(p_digests) / 32), 4) || p_digests;

ALTER FUNCTION tally.leaf OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.leaf FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.leaf TO
    tally_appender, tally_ledgerkinds, tally_writer, tally_operator, tally_reader,
    tally_auditor;
