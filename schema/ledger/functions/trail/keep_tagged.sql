-- Those of some positions, which are in order, whose events have one of some tags. Where they lie
-- close together the tags' own positions are read beside them, where not each is looked up.
CREATE OR REPLACE FUNCTION tally.keep_tagged(p_slot int, p_positions bigint[], p_tags bytea[])
    RETURNS bigint[]
    LANGUAGE plpgsql STABLE
AS $$
DECLARE
    c_count CONSTANT int := cardinality(p_positions);
    c_first CONSTANT bigint := p_positions[1];
    c_last CONSTANT bigint := p_positions[c_count];
BEGIN
    IF c_count = 0 THEN
        RETURN p_positions;
    ELSIF c_last - c_first < 8::bigint * c_count THEN
        RETURN ARRAY(
            SELECT p FROM unnest(p_positions) p
            INTERSECT
            SELECT e.position FROM tally.event_tag e
            WHERE e.slot = p_slot AND e.tag = ANY (p_tags)
                AND e.position >= c_first AND e.position <= c_last
            ORDER BY 1);
    END IF;
    RETURN ARRAY(
        SELECT p FROM unnest(p_positions) WITH ORDINALITY q (p, o)
        WHERE EXISTS (SELECT FROM tally.event_tag e
            WHERE e.slot = p_slot AND e.tag = ANY (p_tags) AND e.position = q.p)
        ORDER BY o);
END
$$;

ALTER FUNCTION tally.keep_tagged OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.keep_tagged FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.keep_tagged TO tally_reader;
