-- The position after the first rows of a range that hold no more than some bytes of bodies, or
-- after its first row. Lengths are known without reading the bodies.
CREATE OR REPLACE FUNCTION tally.page_end(p_slot int, p_from bigint, p_to bigint, p_bytes bigint)
    RETURNS bigint
    LANGUAGE plpgsql STABLE
AS $$
BEGIN
    IF (SELECT coalesce(sum(octet_length(body)), 0) FROM tally.event
        WHERE slot = p_slot AND position >= p_from AND position < p_to) <= p_bytes
    THEN
        RETURN p_to;
    END IF;
    RETURN (
        SELECT max(position) + 1 FROM (
            SELECT position, octet_length(body) AS bytes,
                sum(octet_length(body)) OVER (ORDER BY position) AS total
            FROM tally.event
            WHERE slot = p_slot AND position >= p_from AND position < p_to) e
        WHERE total <= p_bytes OR total = bytes);
END
$$;

ALTER FUNCTION tally.page_end OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.page_end FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.page_end TO tally_reader;
