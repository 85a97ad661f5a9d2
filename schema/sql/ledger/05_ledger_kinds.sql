-- Events that the ledger writes about itself: one clear part, built here under the head's lock.
-- No other function can write these kinds, so no writer can forge an excuse or a permission.
-- Errors: TL004 not found, TL005 exists already, TL006 refused by the tenant's state, TL008 the
-- ledger's own tenant.

-- Appends one clear event; the caller holds the lock on the tenant's head.
CREATE FUNCTION tally.append_clear(p_head tally.head, p_kind int, p_json text) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- As json the text stays as it is, but for a text that is none: it would never verify.
    c_part CONSTANT bytea := '\x00'::bytea || convert_to(p_json::json::text, 'UTF8');
    c_at CONSTANT bigint := greatest(
        tally.now_micros(), p_head.recorded_at + 1, p_head.closed_through + 1);
    c_leaf CONSTANT bytea := tally.leaf(
        p_kind, p_head.tenant_id, p_head.size, c_at, gen_random_uuid(), p_head.last_leaf_hash,
        sha256(c_part));
BEGIN
    INSERT INTO tally.event (tenant_id, position, leaf, body)
    VALUES (
        p_head.tenant_id, p_head.size, c_leaf, int4send(octet_length(c_part)) || c_part);
    UPDATE tally.head
    SET size = p_head.size + 1, last_leaf_hash = tally.leaf_hash(c_leaf), recorded_at = c_at
    WHERE tenant_id = p_head.tenant_id;
    RETURN p_head.size;
END
$$;

-- Creates a tenant's row, head and genesis event; of a clone it says where it comes from. The caller has
-- serialised slots.
CREATE FUNCTION tally.open_tenant(
    p_tenant uuid, p_slot int, p_name_tag bytea, p_name_sealed bytea, p_region text,
    p_source uuid DEFAULT NULL, p_cut bigint DEFAULT NULL
) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c_name CONSTANT text := encode(sha256(p_name_tag || p_name_sealed), 'hex');
    v_ledger uuid;
    v_head tally.head;
BEGIN
    IF NOT coalesce(p_tenant IS NOT NULL AND p_region ~ '^[a-z0-9-]{0,63}$'
        AND octet_length(p_name_tag) = 16 AND octet_length(p_name_sealed) BETWEEN 1 AND 1024, false)
    THEN
        RAISE EXCEPTION 'a region of other than a-z, 0-9 and -, a tag of other than 16 bytes, or no '
            'sealed name' USING ERRCODE = 'TL001';
    END IF;
    SELECT ledger_id INTO STRICT v_ledger FROM tally.ledger;
    INSERT INTO tally.tenant (tenant_id, slot, name_tag, name_sealed, region, created_at, source)
    VALUES (p_tenant, p_slot, p_name_tag, p_name_sealed, p_region, tally.now_micros(), p_source);
    INSERT INTO tally.head
    VALUES (p_tenant, 0, tally.genesis_previous(v_ledger, p_tenant, p_slot), 0, 0, 0)
    RETURNING * INTO v_head;
    PERFORM tally.append_clear(v_head, 0, format('{"name":"%s","region":"%s","slot":%s%s}',
        c_name, p_region, p_slot, (
            SELECT format(',"source":{"cut":%s,"leaf_hash":"%s","tenant":"%s"}', p_cut,
                encode(tally.leaf_hash(e.leaf), 'hex'), tally.hex(p_source))
            FROM tally.event e WHERE e.tenant_id = p_source AND e.position = p_cut - 1)));
END
$$;

-- Creates the ledger with its own tenant in slot 0, and opens its origin. Once only.
CREATE FUNCTION tally.create_ledger(
    p_ledger uuid, p_origin text, p_tenant uuid, p_name_tag bytea, p_name_sealed bytea,
    p_single_operator boolean
) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_head tally.head;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('tally.ledger'));
    IF EXISTS (SELECT FROM tally.ledger) THEN
        RAISE EXCEPTION 'the ledger exists already' USING ERRCODE = 'TL005';
    END IF;
    IF NOT coalesce(p_origin ~ '^[A-Za-z0-9._:/-]{1,255}$' AND p_ledger IS NOT NULL
        AND p_single_operator IS NOT NULL, false)
    THEN
        RAISE EXCEPTION 'an origin of other than letters, digits and . _ : / -'
            USING ERRCODE = 'TL001';
    END IF;
    INSERT INTO tally.ledger VALUES (
        p_ledger, p_origin, tally.now_micros(), 1, p_single_operator);
    PERFORM tally.open_tenant(p_tenant, 0, p_name_tag, p_name_sealed, '');
    SELECT * INTO STRICT v_head FROM tally.lock_head(p_tenant);
    PERFORM tally.append_clear(v_head, 14, format(
        '{"origin":"%s","previous":"%s"%s}', p_origin, repeat('0', 64),
        CASE WHEN p_single_operator THEN ',"single_operator":true' ELSE '' END));
END
$$;

-- Creates a tenant in the next slot; creations queue at slot 0's head.
CREATE FUNCTION tally.add_tenant(
    p_tenant uuid, p_name_tag bytea, p_name_sealed bytea, p_region text,
    p_source uuid DEFAULT NULL, p_cut bigint DEFAULT NULL
) RETURNS int
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_slot int;
BEGIN
    PERFORM tally.lock_head(tenant_id) FROM tally.tenant WHERE slot = 0;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the ledger was not initialised' USING ERRCODE = 'TL004';
    END IF;
    IF EXISTS (SELECT FROM tally.tenant WHERE name_tag = p_name_tag OR tenant_id = p_tenant) THEN
        RAISE EXCEPTION 'a tenant of this name exists already' USING ERRCODE = 'TL005';
    END IF;
    SELECT max(slot) + 1 INTO v_slot FROM tally.tenant;
    PERFORM tally.open_tenant(
        p_tenant, v_slot, p_name_tag, p_name_sealed, p_region, p_source, p_cut);
    RETURN v_slot;
END
$$;

-- Creates a tenant that is no clone: those are made by restores alone.
CREATE FUNCTION tally.create_tenant(
    p_tenant uuid, p_name_tag bytea, p_name_sealed bytea, p_region text
) RETURNS int
    LANGUAGE sql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT tally.add_tenant(p_tenant, p_name_tag, p_name_sealed, p_region)
$$;

-- Moves a tenant between active and frozen; gives the event's position, NULL if it was so already.
CREATE FUNCTION tally.set_state(p_tenant uuid, p_state smallint, p_kind int, p_json text)
    RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_head tally.head;
    v_position bigint;
BEGIN
    SELECT * INTO v_head FROM tally.lock_head(p_tenant);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such tenant' USING ERRCODE = 'TL004';
    END IF;
    IF EXISTS (SELECT FROM tally.tenant t WHERE t.tenant_id = p_tenant AND t.slot = 0) THEN
        RAISE EXCEPTION 'the ledger''s own tenant is never frozen' USING ERRCODE = 'TL008';
    END IF;
    IF v_head.state = 2 THEN
        RAISE EXCEPTION 'the tenant is erased' USING ERRCODE = 'TL006';
    END IF;
    IF p_json IS NULL OR p_json LIKE '%""%' THEN
        RAISE EXCEPTION 'a restriction without the id of its request' USING ERRCODE = 'TL001';
    END IF;
    IF v_head.state <> p_state THEN
        v_position := tally.append_clear(v_head, p_kind, p_json);
        UPDATE tally.head SET state = p_state WHERE tenant_id = p_tenant;
    END IF;
    RETURN v_position;
END
$$;

-- Restricts processing (GDPR Art. 18) until thaw(); called again with another level it changes the
-- level.
CREATE FUNCTION tally.freeze(p_tenant uuid, p_request uuid, p_level smallint) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_head tally.head;
    v_json CONSTANT text := format(
        '{"level":%s,"request":"%s"}', p_level, encode(uuid_send(p_request), 'hex'));
    v_position bigint;
BEGIN
    IF NOT coalesce(p_level IN (1, 2), false) THEN
        RAISE EXCEPTION 'a restriction of another level than 1 or 2' USING ERRCODE = 'TL001';
    END IF;
    v_position := tally.set_state(p_tenant, 1::smallint, 5, v_json);
    SELECT * INTO STRICT v_head FROM tally.lock_head(p_tenant);
    IF v_position IS NULL AND p_level IS DISTINCT FROM (
        SELECT level FROM tally.restriction WHERE tenant_id = p_tenant)
    THEN
        v_position := tally.append_clear(v_head, 5, v_json);
    END IF;
    INSERT INTO tally.restriction VALUES (p_tenant, p_level)
    ON CONFLICT (tenant_id) DO UPDATE SET level = p_level;
    RETURN v_position;
END
$$;

-- Ends a restriction.
CREATE FUNCTION tally.thaw(p_tenant uuid, p_request uuid) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM tally.restore WHERE clone = p_tenant AND state = 'applying') THEN
        RAISE EXCEPTION 'the clone is not whole yet: apply its restore, or abort it'
            USING ERRCODE = 'TL010';
    END IF;
    RETURN tally.set_state(p_tenant, 0::smallint, 6, format(
        '{"request":"%s"}', encode(uuid_send(p_request), 'hex')));
END
$$;

-- Records that an operator lets a projection leave out an event, or takes that back. The reason is a reference, such as a
-- ticket's number, because what stands here in the clear must not be about a person.
CREATE FUNCTION tally.record_skip(
    p_tenant uuid, p_projection text, p_position bigint, p_operator uuid, p_reason text,
    p_action text DEFAULT 'skip'
) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_head tally.head;
    v_leaf bytea;
BEGIN
    IF NOT coalesce(p_projection ~ '^[a-z0-9_-]{1,63}$' AND p_operator IS NOT NULL
        AND p_action IN ('skip', 'unskip')
        AND p_reason ~ '^[A-Za-z0-9._:/#-]{1,64}$', false)
    THEN
        RAISE EXCEPTION 'a reason of other than 1 to 64 letters, digits and . _ : / # -'
            USING ERRCODE = 'TL001';
    END IF;
    SELECT * INTO v_head FROM tally.lock_head(p_tenant);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such tenant' USING ERRCODE = 'TL004';
    END IF;
    IF NOT coalesce(p_position BETWEEN 0 AND v_head.size - 1, false) THEN
        RAISE EXCEPTION 'the log has no such event' USING ERRCODE = 'TL004';
    END IF;
    SELECT leaf INTO v_leaf FROM tally.event
    WHERE tenant_id = p_tenant AND position = p_position;
    RETURN tally.append_clear(v_head, 15, format(
        '{"action":"%s","operator":"%s","projection":"%s","reason":"%s","target":"%s"}',
        p_action, encode(uuid_send(p_operator), 'hex'), p_projection, p_reason,
        encode(substr(coalesce(v_leaf, decode(repeat('00', 51), 'hex')), 36, 16), 'hex')));
END
$$;
