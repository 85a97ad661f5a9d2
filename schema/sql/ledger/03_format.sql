-- The hashes of format version 1 with PostgreSQL's own sha256(): a second implementation that
-- shares no code with the first. Byte layout: docs/format.md.

-- The hash of a leaf: chain link and RFC 9162 tree leaf in one.
CREATE FUNCTION tally.leaf_hash(p_leaf bytea) RETURNS bytea
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN sha256('\x00'::bytea || p_leaf);

-- The `previous` of a tenant's first leaf.
CREATE FUNCTION tally.genesis_previous(p_ledger uuid, p_tenant uuid, p_slot int) RETURNS bytea
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN sha256(
        'tallystick genesis v1'::bytea || uuid_send(p_ledger) || uuid_send(p_tenant)
        || int4send(p_slot));

-- An unsigned big-endian number of eight bytes; those of the format stay below 2^63.
CREATE FUNCTION tally.uint64(p_bytes bytea) RETURNS bigint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ('x' || encode(p_bytes, 'hex'))::bit(64)::bigint;

-- A leaf of its fields; p_digests are the part digests, joined.
CREATE FUNCTION tally.leaf(
    p_kind int, p_tenant uuid, p_position bigint, p_recorded_at bigint, p_event_id uuid,
    p_previous bytea, p_digests bytea
) RETURNS bytea
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN '\x0001'::bytea || substr(int4send(p_kind), 4) || uuid_send(p_tenant)
        || int8send(p_position) || int8send(p_recorded_at) || uuid_send(p_event_id)
        || p_previous || substr(int4send(octet_length(p_digests) / 32), 4) || p_digests;

-- The digests of the parts in a body, joined; NULL when its lengths do not add up.
CREATE FUNCTION tally.part_digests(p_body bytea) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    v_at int := 1;
    v_length int;
    v_digests bytea := '';
BEGIN
    WHILE v_at <= octet_length(p_body) LOOP
        v_length := ('x' || encode(substr(p_body, v_at, 4), 'hex'))::bit(32)::int;
        IF v_length < 0 OR v_length > octet_length(p_body) - v_at - 3 THEN
            RETURN NULL;
        END IF;
        v_digests := v_digests || sha256(substr(p_body, v_at + 4, v_length));
        v_at := v_at + 4 + v_length;
    END LOOP;
    RETURN v_digests;
END
$$;

-- JSON that somebody hands over.
CREATE FUNCTION tally.json(p_text text) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    RETURN p_text::jsonb;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
    RAISE EXCEPTION 'a text that is not JSON' USING ERRCODE = 'TL001';
END
$$;

-- The ledger's clock.
CREATE FUNCTION tally.now_micros() RETURNS bigint
    LANGUAGE sql VOLATILE
    RETURN (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;
