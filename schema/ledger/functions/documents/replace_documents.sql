-- Documents of streams that an erasure has touched, in place of those at the same positions: one
-- that a projector has written since is free of it already. Gives how many were replaced or
-- removed.
CREATE OR REPLACE FUNCTION tally.replace_documents(
    p_slot int, p_fold smallint, p_streams uuid[], p_collections bytea[], p_positions bigint[],
    p_versions int[], p_sizes bigint[], p_digests bytea[], p_bodies bytea[], p_gone uuid[],
    p_gone_at bigint[]
) RETURNS bigint
    LANGUAGE sql VOLATILE
AS $$
    WITH replaced AS (
        UPDATE tally.document d
        SET body = n.body, digest = n.digest, size = n.size, fold = p_fold
        FROM unnest(p_streams, p_collections, p_positions, p_versions, p_sizes, p_digests, p_bodies)
            n (stream, collection, position, version, size, digest, body)
        WHERE d.slot = p_slot AND d.stream = n.stream AND d.position = n.position
        RETURNING 1
    ), removed AS (
        DELETE FROM tally.document d USING unnest(p_gone, p_gone_at) g (stream, position)
        WHERE d.slot = p_slot AND d.stream = g.stream AND d.position = g.position
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM replaced) + (SELECT count(*) FROM removed)
$$;

ALTER FUNCTION tally.replace_documents OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.replace_documents FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.replace_documents TO tally_projector;
