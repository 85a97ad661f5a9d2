-- The `previous` of a tenant's first leaf.
CREATE OR REPLACE FUNCTION tally.genesis_previous(p_ledger uuid, p_tenant uuid, p_slot int)
    RETURNS bytea
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN sha256(
        'tallystick genesis v1'::bytea || uuid_send(p_ledger) || uuid_send(p_tenant)
        || int4send(p_slot));

ALTER FUNCTION tally.genesis_previous OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.genesis_previous FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.genesis_previous TO
    tally_appender, tally_ledgerkinds, tally_writer, tally_operator, tally_reader,
    tally_auditor;
