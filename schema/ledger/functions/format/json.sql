-- JSON that somebody hands over.
CREATE OR REPLACE FUNCTION tally.json(p_text text) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    RETURN p_text::jsonb;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
    RAISE EXCEPTION 'a text that is not JSON' USING ERRCODE = 'TL001';
END
$$;

ALTER FUNCTION tally.json OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.json FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.json TO tally_ledgerkinds;
