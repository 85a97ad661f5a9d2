-- Rows of the log never change, but for a purge: privilege refuses first, these triggers refuse
-- whoever has more.

CREATE FUNCTION tally.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION '% of tally.% refused: it holds what was recorded', TG_OP, TG_TABLE_NAME USING ERRCODE = 'TL007';
END
$$;

CREATE TRIGGER event_rows_are_kept
    BEFORE DELETE ON tally.event
    FOR EACH ROW EXECUTE FUNCTION tally.refuse_change();

-- The one change: the purge function empties parts under fenced keys.
CREATE FUNCTION tally.allow_purge() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    IF current_user = 'tally_purger'
        AND (NEW.tenant_id, NEW.position, NEW.stream, NEW.version, NEW.leaf)
            IS NOT DISTINCT FROM (OLD.tenant_id, OLD.position, OLD.stream, OLD.version, OLD.leaf)
        AND tally.is_purge(OLD.tenant_id, OLD.body, NEW.body)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% of tally.% refused: it holds what was recorded', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'TL007';
END
$$;

CREATE TRIGGER event_rows_are_immutable
    BEFORE UPDATE ON tally.event
    FOR EACH ROW EXECUTE FUNCTION tally.allow_purge();

-- Projectors write how far they have come themselves. A cursor stays within the log, and belongs to a
-- version that there is.
CREATE FUNCTION tally.check_cursor() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM tally.head h WHERE h.tenant_id = NEW.tenant_id AND NEW.position <= h.size)
        AND EXISTS (SELECT FROM tally.projection p
            WHERE p.name = NEW.projection AND NEW.version <= p.latest)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a cursor beyond the log, or of no projection' USING ERRCODE = 'TL001';
END
$$;

CREATE TRIGGER cursor_is_in_the_log
    BEFORE INSERT OR UPDATE ON tally.cursor
    FOR EACH ROW EXECUTE FUNCTION tally.check_cursor();

-- What a projection leaves out is in the log, and so is the operator's event that lets it.
CREATE FUNCTION tally.check_dead_letter() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_target text;
BEGIN
    IF NOT EXISTS (
        SELECT FROM tally.head h WHERE h.tenant_id = NEW.tenant_id AND NEW.position < h.size)
    THEN
        RAISE EXCEPTION 'an event beyond the log' USING ERRCODE = 'TL001';
    END IF;
    IF NEW.skipped_by IS NOT NULL THEN
        SELECT encode(substr(e.leaf, 36, 16), 'hex') INTO v_target FROM tally.event e
        WHERE e.tenant_id = NEW.tenant_id AND e.position = NEW.position;
        IF NOT EXISTS (
            SELECT FROM tally.event e
            CROSS JOIN LATERAL (
                SELECT CASE WHEN get_byte(e.leaf, 2) = 15
                    THEN tally.json(convert_from(substr(e.body, 6), 'UTF8')) END AS said) s
            WHERE e.tenant_id = NEW.tenant_id AND e.position = NEW.skipped_by
                AND s.said->>'action' = 'skip' AND s.said->>'projection' = NEW.projection
                AND s.said->>'target' = coalesce(v_target, repeat('0', 32)))
        THEN
            RAISE EXCEPTION 'no operator has let the projection leave out this event'
                USING ERRCODE = 'TL001';
        END IF;
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER dead_letter_is_in_the_log
    BEFORE INSERT OR UPDATE ON tally.dead_letter
    FOR EACH ROW EXECUTE FUNCTION tally.check_dead_letter();

-- Nobody has followed an erasure before the log is rid of what was erased.
CREATE FUNCTION tally.check_projection_erasure() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM tally.erasure e
            WHERE e.erasure_id = NEW.erasure_id AND e.tenant_id = NEW.tenant_id
                AND e.state = 'keysDestroyed' AND e.purged_at IS NOT NULL)
        AND EXISTS (SELECT FROM tally.projection p
            WHERE p.name = NEW.projection AND NEW.version <= p.latest)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'no erasure that this projection can have followed' USING ERRCODE = 'TL001';
END
$$;

CREATE TRIGGER projection_erasure_follows_an_erasure
    BEFORE INSERT OR UPDATE ON tally.projection_erasure
    FOR EACH ROW EXECUTE FUNCTION tally.check_projection_erasure();

-- Row security does not bind TRUNCATE, and owners always have it.
DO $$
DECLARE
    v_table text;
BEGIN
    FOREACH v_table IN ARRAY ARRAY[
        'ledger', 'tenant', 'head', 'event', 'append_request', 'key_fence', 'fenced_key', 'erasure',
        'hold', 'operator', 'request', 'approval', 'epoch_receipt', 'projection_erasure',
        'restriction', 'restore', 'restore_conflict']
    LOOP
        EXECUTE format('CREATE TRIGGER %1$I_is_never_truncated BEFORE TRUNCATE ON tally.%1$I '
            'FOR EACH STATEMENT EXECUTE FUNCTION tally.refuse_change()', v_table);
    END LOOP;
END
$$;
