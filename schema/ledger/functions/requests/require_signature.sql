-- Requires that a signature is in the form of its signer's key, that its signer decides about such
-- requests now and did when it was given, and that it counts now. Whether it is genuine, SQL cannot
-- tell: whoever carries something out checks that. Gives who signed.
CREATE OR REPLACE FUNCTION tally.require_signature(
    p_slot int, p_authority text, p_action int, p_signed bytea
) RETURNS uuid
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c_signer CONSTANT uuid := encode(substr(p_signed, 152, 16), 'hex')::uuid;
    c_at CONSTANT bigint := tally.uint64(substr(p_signed, 168, 8));
    c_until CONSTANT bigint := tally.uint64(substr(p_signed, 176, 8));
    c_now CONSTANT bigint := tally.now_micros();
    c_version CONSTANT text := encode(substr(p_signed, 1, 22), 'escape');
    v_is_passkey boolean;
BEGIN
    IF p_authority = 'owner' THEN
        SELECT octet_length(o.public_key) <> 32 INTO v_is_passkey FROM tally.owner o
        WHERE o.slot = p_slot AND o.owner_id = c_signer AND o.added_at <= c_at
            AND o.ended_at IS NULL AND (p_action = ANY (o.actions) OR p_action = 12);
    ELSE
        SELECT octet_length(o.public_key) <> 32 INTO v_is_passkey FROM tally.operator o
        WHERE o.operator_id = c_signer AND o.added_at <= c_at
            AND coalesce(o.ended_at > greatest(c_at, c_now), true);
    END IF;
    IF v_is_passkey IS NULL THEN
        RAISE EXCEPTION 'the signer is not an operator of this ledger, nor an owner who may decide '
            'this' USING ERRCODE = 'TL010';
    END IF;
    IF v_is_passkey AND NOT (c_version = 'tallystick approval v2'
            AND octet_length(p_signed) BETWEEN 290 AND 1547)
        OR NOT v_is_passkey AND NOT (c_version = 'tallystick approval v1'
            AND octet_length(p_signed) = 247)
    THEN
        RAISE EXCEPTION 'the signature is not in the form of the signer''s key'
            USING ERRCODE = 'TL010';
    END IF;
    IF c_at > c_now + 2000000 OR c_until <= c_now THEN
        RAISE EXCEPTION 'the signature has expired, or is of the future' USING ERRCODE = 'TL010';
    END IF;
    IF c_at < c_now - 86400 * 1000000::bigint THEN
        RAISE EXCEPTION 'the signature is older than a day' USING ERRCODE = 'TL010';
    END IF;
    RETURN c_signer;
END
$$;

ALTER FUNCTION tally.require_signature OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.require_signature FROM PUBLIC;
