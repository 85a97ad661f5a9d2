-- A page of documents in the order of their stream tags, of one collection or of all, without their
-- bodies. Of bodies as many as hold some bytes when they are opened are wanted, at least one: fits
-- says so, and what does not fit begins the next page.
CREATE OR REPLACE FUNCTION tally.list_documents(
    p_slot int, p_collection bytea, p_after uuid, p_limit int, p_bytes bigint
) RETURNS TABLE (
        doc_stream uuid, doc_position bigint, doc_version int, doc_size bigint, doc_digest bytea,
        doc_collection bytea, fits boolean
    )
    LANGUAGE plpgsql STABLE
AS $$
BEGIN
    IF p_collection IS NULL THEN
        RETURN QUERY SELECT d.stream, d.position, d.version, d.size, d.digest, d.collection_tag,
            sum(coalesce(d.size, 0)) OVER w <= p_bytes OR row_number() OVER w = 1
        FROM (SELECT * FROM tally.document WHERE slot = p_slot AND stream > p_after
            ORDER BY stream LIMIT p_limit) d
        WINDOW w AS (ORDER BY d.stream) ORDER BY d.stream;
    ELSE
        RETURN QUERY SELECT d.stream, d.position, d.version, d.size, d.digest, d.collection_tag,
            sum(coalesce(d.size, 0)) OVER w <= p_bytes OR row_number() OVER w = 1
        FROM (SELECT * FROM tally.document WHERE slot = p_slot
            AND collection_tag = p_collection AND stream > p_after
            ORDER BY stream LIMIT p_limit) d
        WINDOW w AS (ORDER BY d.stream) ORDER BY d.stream;
    END IF;
END
$$;

ALTER FUNCTION tally.list_documents OWNER TO tally_owner;
REVOKE ALL ON FUNCTION tally.list_documents FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally.list_documents TO tally_reader;
