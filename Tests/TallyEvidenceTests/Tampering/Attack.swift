// What a patient attacker would write first: SQL that flips bytes and mends what depends on them.

/// Functions in a schema of the attacker's own.
enum Attack {
    static let functions = """
        CREATE SCHEMA forge;

        CREATE FUNCTION forge.flip(p_bytes bytea, p_at int, p_mask int DEFAULT 255)
            RETURNS bytea LANGUAGE sql
            RETURN set_byte(p_bytes, p_at, get_byte(p_bytes, p_at) # p_mask);

        CREATE FUNCTION forge.flip_leaf(p_slot int, p_at bigint, p_byte int, p_mask int)
            RETURNS void LANGUAGE sql AS $$
            UPDATE tally.event SET leaf = forge.flip(leaf, p_byte, p_mask)
            WHERE slot = p_slot AND position = p_at
        $$;

        CREATE FUNCTION forge.flip_body(p_slot int, p_at bigint, p_byte int)
            RETURNS void LANGUAGE sql AS $$
            UPDATE tally.event SET body = forge.flip(body, p_byte)
            WHERE slot = p_slot AND position = p_at
        $$;

        -- Makes the head agree with the last row.
        CREATE FUNCTION forge.move_head(p_slot int) RETURNS void LANGUAGE sql AS $$
            UPDATE tally.head h SET size = e.position + 1,
                last_leaf_hash = tally.leaf_hash(e.leaf),
                recorded_at = tally.uint64(substr(e.leaf, 28, 8))
            FROM (SELECT * FROM tally.event WHERE slot = p_slot
                ORDER BY position DESC LIMIT 1) e
            WHERE h.slot = p_slot
        $$;

        -- Writes position, time and link of every leaf from a position on again, then the head.
        CREATE FUNCTION forge.relink(p_slot int, p_from bigint) RETURNS void
            LANGUAGE plpgsql AS $$
        DECLARE
            v_row record;
            v_leaf bytea;
            v_before bytea;
        BEGIN
            SELECT leaf INTO v_before FROM tally.event
            WHERE slot = p_slot AND position = p_from - 1;
            FOR v_row IN SELECT position, leaf FROM tally.event
                WHERE slot = p_slot AND position >= p_from ORDER BY position
            LOOP
                v_leaf := v_row.leaf;
                IF v_before IS NOT NULL THEN
                    v_leaf := overlay(v_leaf PLACING int8send(v_row.position) FROM 20 FOR 8);
                    v_leaf := overlay(v_leaf PLACING tally.leaf_hash(v_before) FROM 52 FOR 32);
                    v_leaf := overlay(v_leaf PLACING greatest(substr(v_leaf, 28, 8),
                        int8send(tally.uint64(substr(v_before, 28, 8)) + 1)) FROM 28 FOR 8);
                END IF;
                UPDATE tally.event SET leaf = v_leaf
                WHERE slot = p_slot AND position = v_row.position;
                v_before := v_leaf;
            END LOOP;
            PERFORM forge.move_head(p_slot);
        END
        $$;

        -- Gives all rows from a position on another one.
        CREATE FUNCTION forge.shift(p_slot int, p_from bigint, p_by int) RETURNS void
            LANGUAGE sql AS $$
            UPDATE tally.event SET position = position + 1000000
            WHERE slot = p_slot AND position >= p_from;
            UPDATE tally.event SET position = position - 1000000 + p_by
            WHERE slot = p_slot AND position >= 1000000
        $$;

        -- Exchanges the positions of two rows.
        CREATE FUNCTION forge.swap(p_slot int, p_one bigint, p_two bigint) RETURNS void
            LANGUAGE sql AS $$
            UPDATE tally.event SET position = -7 WHERE slot = p_slot AND position = p_one;
            UPDATE tally.event SET position = p_one
            WHERE slot = p_slot AND position = p_two;
            UPDATE tally.event SET position = p_two WHERE slot = p_slot AND position = -7
        $$;

        -- Puts a copy of a row where there is none, in a stream of its own.
        CREATE FUNCTION forge.copy(p_slot int, p_from bigint, p_to bigint) RETURNS void
            LANGUAGE sql AS $$
            INSERT INTO tally.event (slot, version, position, stream, event_id, leaf, body)
            SELECT slot, CASE WHEN version IS NOT NULL THEN 1 END, p_to,
                CASE WHEN stream IS NOT NULL THEN gen_random_uuid() END, event_id, leaf, body
            FROM tally.event WHERE slot = p_slot AND position = p_from
        $$;

        -- Writes one row's id, leaf and body over those of another.
        CREATE FUNCTION forge.overwrite(p_slot int, p_from bigint, p_to bigint)
            RETURNS void LANGUAGE sql AS $$
            UPDATE tally.event e SET event_id = s.event_id, leaf = s.leaf, body = s.body
            FROM tally.event s
            WHERE e.slot = p_slot AND e.position = p_to
                AND s.slot = p_slot AND s.position = p_from
        $$;

        -- Adds a leaf that would have been right after the last row.
        CREATE FUNCTION forge.append(p_slot int) RETURNS void LANGUAGE sql AS $$
            INSERT INTO tally.event (slot, version, position, stream, event_id, leaf, body)
            SELECT slot, 1, position + 1, gen_random_uuid(), id,
                tally.leaf(1, tenant_id, position + 1, tally.now_micros(), id,
                    tally.leaf_hash(leaf), tally.part_digests(body)), body
            FROM tally.event JOIN tally.tenant USING (slot)
            CROSS JOIN (SELECT gen_random_uuid() AS id) x
            WHERE slot = p_slot AND stream IS NOT NULL
            ORDER BY position DESC LIMIT 1
        $$;
        """
}
