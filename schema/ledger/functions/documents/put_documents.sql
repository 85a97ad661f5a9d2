-- Stores the newest documents of some streams, and removes those of others.
CREATE OR REPLACE FUNCTION tally.put_documents(
    p_table oid, p_slot int, p_fold smallint, p_streams uuid[], p_collections bytea[],
    p_positions bigint[], p_versions int[], p_sizes bigint[], p_digests bytea[], p_bodies bytea[],
    p_gone uuid[]
) RETURNS void
    LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    EXECUTE format('DELETE FROM %s WHERE slot = $1 AND stream = ANY ($2)', p_table::regclass)
        USING p_slot, p_gone;
    EXECUTE format(
        'INSERT INTO %s (slot, fold, stream, collection_tag, position, version, size, digest, '
        'body) '
        'SELECT $1, $2, d.* FROM unnest($3, $4, $5, $6, $7, $8, $9) d '
        'ON CONFLICT (slot, stream) DO UPDATE SET position = excluded.position, '
        'collection_tag = excluded.collection_tag, version = excluded.version, '
        'size = excluded.size, fold = excluded.fold, digest = excluded.digest, '
        'body = excluded.body',
        p_table::regclass)
        USING p_slot, p_fold, p_streams, p_collections, p_positions, p_versions, p_sizes,
            p_digests, p_bodies;
END
$$;

ALTER FUNCTION tally.put_documents OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.put_documents FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.put_documents TO tally_projector;
