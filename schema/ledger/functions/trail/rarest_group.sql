-- The group with the fewest events from p_from on, by how far its first ones reach.
CREATE OR REPLACE FUNCTION tally.rarest_group(
    p_slot int, p_from bigint, p_to bigint, p_groups int[], p_tags bytea[]
) RETURNS int
    LANGUAGE sql STABLE
AS $$
    SELECT t.g
    FROM (SELECT g, tag, greatest(8, 256 / count(*) OVER (PARTITION BY g)) AS bound
        FROM unnest(p_groups, p_tags) t (g, tag)) t
    CROSS JOIN LATERAL (
        SELECT count(*) AS events,
            CASE WHEN count(*) < t.bound THEN p_to ELSE max(x.position) + 1 END AS reach
        FROM (SELECT e.position FROM tally.event_tag e
            WHERE e.slot = p_slot AND e.tag = t.tag
                AND e.position >= p_from AND e.position < p_to
            ORDER BY e.position LIMIT t.bound) x) x
    GROUP BY t.g ORDER BY sum(x.events::float8 / (x.reach - p_from)), t.g LIMIT 1
$$;

ALTER FUNCTION tally.rarest_group OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.rarest_group FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.rarest_group TO tally_reader;
