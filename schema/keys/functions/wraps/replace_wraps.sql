-- Stores wraps that the caller has locked under a new epoch. A tenant of which a key was destroyed
-- is clean again only with a new TWK, under an epoch that was opened after the destruction.
CREATE OR REPLACE FUNCTION tally_keys.replace_wraps(
    p_epoch bigint, p_tenants uuid[], p_twks bytea[], p_wrapped bytea[]
) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE tally_keys.tenant_wrap w
    SET epoch = p_epoch, twk_id = n.twk, wrapped = n.wrapped,
        dirty_since = CASE WHEN n.twk <> w.twk_id AND p_epoch > w.dirty_since THEN NULL
            ELSE w.dirty_since END
    FROM unnest(p_tenants, p_twks, p_wrapped) n (tenant, twk, wrapped)
    WHERE w.tenant_id = n.tenant
$$;

ALTER FUNCTION tally_keys.replace_wraps OWNER TO tally_key_owner;
REVOKE ALL ON FUNCTION tally_keys.replace_wraps FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tally_keys.replace_wraps TO tally_key_keeper;
