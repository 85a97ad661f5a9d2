-- The streams with events in [p_from, p_to) after a tag, in the order of tags: the version before
-- these events, the last of them, and the newest before p_end, which is one of the two bounds or
-- between them.
CREATE OR REPLACE FUNCTION tally.changed_streams(
    p_slot int, p_from bigint, p_to bigint, p_end bigint, p_after uuid, p_limit int
) RETURNS TABLE (changed uuid, version_before int, version_last int, version_end int)
    LANGUAGE sql STABLE
AS $$
    SELECT stream, min(version) - 1, max(version),
        coalesce(max(version) FILTER (WHERE position < p_end), min(version) - 1)
    FROM tally.event
    WHERE slot = p_slot AND position >= p_from AND position < p_to AND stream > p_after
    GROUP BY stream ORDER BY stream LIMIT p_limit
$$;

ALTER FUNCTION tally.changed_streams OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.changed_streams FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.changed_streams TO tally_reader;
