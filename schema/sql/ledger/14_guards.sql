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
