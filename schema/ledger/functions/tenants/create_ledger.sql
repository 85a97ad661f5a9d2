-- Creates the ledger with its own tenant in slot 0, and opens its origin. Once only.
CREATE OR REPLACE FUNCTION tally.create_ledger(
    p_ledger uuid, p_origin text, p_tenant uuid, p_name_tag bytea, p_name_sealed bytea,
    p_single_operator boolean
) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('tally.ledger'));
    IF EXISTS (SELECT FROM tally.ledger) THEN
        RAISE EXCEPTION 'the ledger exists already' USING ERRCODE = 'TL005';
    END IF;
    IF NOT coalesce(p_origin ~ '^[A-Za-z0-9._:/-]{1,255}$' AND p_ledger IS NOT NULL
        AND p_single_operator IS NOT NULL, false)
    THEN
        RAISE EXCEPTION 'an origin of other than letters, digits and . _ : / -'
            USING ERRCODE = 'TL001';
    END IF;
    INSERT INTO tally.ledger VALUES (
        p_ledger, p_origin, tally.now_micros(), 1, p_single_operator);
    PERFORM tally.open_tenant(p_tenant, 0, p_name_tag, p_name_sealed, '');
    PERFORM tally.append_clear(0, 14, format(
        '{"origin":"%s","previous":"%s"%s}', p_origin, repeat('0', 64),
        CASE WHEN p_single_operator THEN ',"single_operator":true' ELSE '' END));
END
$$;

ALTER FUNCTION tally.create_ledger OWNER TO tally_ledgerkinds;
REVOKE ALL ON FUNCTION tally.create_ledger FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.create_ledger TO tally_operator;
