-- Documents of some streams. Its columns are named: the row type of the table would stay with the
-- one that a rebuild puts aside.
CREATE OR REPLACE FUNCTION tally.read_documents(p_slot int, p_streams uuid[])
    RETURNS TABLE (
        stream uuid, collection_tag bytea, "position" bigint, version int, size bigint,
        fold smallint, digest bytea, body bytea
    )
    LANGUAGE sql STABLE
AS $$
    SELECT d.stream, d.collection_tag, d.position, d.version, d.size, d.fold, d.digest, d.body
    FROM tally.document d WHERE d.slot = p_slot AND d.stream = ANY (p_streams)
$$;

ALTER FUNCTION tally.read_documents OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.read_documents FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.read_documents TO tally_projector, tally_reader;
