-- Requires that a version is the one that was begun last, and that no crash has emptied it.
CREATE OR REPLACE FUNCTION tally.require_newest(p_projection text, p_version int) RETURNS void
    LANGUAGE plpgsql STABLE
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM tally.projection
        WHERE name = p_projection AND latest = p_version)
    THEN
        RAISE EXCEPTION 'another rebuild was begun, or an erasure came, meanwhile'
            USING ERRCODE = 'TL005';
    END IF;
    IF tally.is_emptied(p_projection, p_version) THEN
        RAISE EXCEPTION 'the server has crashed meanwhile' USING ERRCODE = 'TL005';
    END IF;
END
$$;

ALTER FUNCTION tally.require_newest OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.require_newest FROM PUBLIC;
