-- Positions in [p_from, p_to) of events that may have a tag of every group, in order. Groups are
-- numbered from 1; the streams that are named lead, or else the rarest group. The reader judges
-- each event, so a group that costs more to ask than it saves is left to it: one of very many tags,
-- or one that kept nearly all of what came before. A further term is never a burden.
CREATE OR REPLACE FUNCTION tally.find_positions(
    p_slot int, p_from bigint, p_to bigint, p_limit int, p_groups int[], p_tags bytea[],
    p_streams uuid[]
) RETURNS SETOF bigint
    LANGUAGE plpgsql STABLE
    SET enable_seqscan = off
    SET enable_hashjoin = off
    SET enable_mergejoin = off
AS $$
DECLARE
    c_most_tags CONSTANT int := 16;
    c_most_positions CONSTANT int := 8192;
    v_from bigint := p_from;
    v_chunk int := 256;
    v_left int := p_limit;
    v_driver int := 0;
    v_useless int[] := '{}';
    v_positions bigint[];
    v_kept bigint[];
    v_read int;
    v_group record;
BEGIN
    WHILE v_left > 0 AND v_from < p_to LOOP
        IF cardinality(p_streams) > 0 THEN
            v_positions := ARRAY(SELECT e.position FROM tally.event e
                WHERE e.slot = p_slot AND e.stream = ANY (p_streams)
                    AND e.position >= v_from AND e.position < p_to
                ORDER BY e.position LIMIT v_chunk);
        ELSE
            v_driver := tally.rarest_group(p_slot, v_from, p_to, p_groups, p_tags);
            v_positions := tally.tagged_positions(p_slot, v_from, p_to, v_chunk,
                ARRAY(SELECT tag FROM unnest(p_groups, p_tags) t (g, tag) WHERE g = v_driver));
        END IF;
        v_read := cardinality(v_positions);
        v_from := CASE WHEN v_read < v_chunk THEN p_to ELSE v_positions[v_read] + 1 END;
        FOR v_group IN SELECT g AS number, array_agg(tag) AS tags
            FROM unnest(p_groups, p_tags) t (g, tag)
            WHERE g <> v_driver AND g <> ALL (v_useless)
            GROUP BY g HAVING count(*) <= c_most_tags ORDER BY count(*)
        LOOP
            v_kept := tally.keep_tagged(p_slot, v_positions, v_group.tags);
            IF cardinality(v_kept) * 4 > cardinality(v_positions) * 3 THEN
                v_useless := v_useless || v_group.number;
            END IF;
            v_positions := v_kept;
        END LOOP;
        RETURN QUERY SELECT p FROM unnest(v_positions[:v_left]) p;
        v_left := v_left - cardinality(v_positions);
        v_chunk := least(v_chunk * 2, c_most_positions);
    END LOOP;
END
$$;

ALTER FUNCTION tally.find_positions OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.find_positions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.find_positions TO tally_reader;
