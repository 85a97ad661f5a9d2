-- What a database says of the schemas that $1 names: object, kind and value of each fact, by
-- names, so that two databases can be compared. The owner of a thing has every right to it, so
-- that those are left out but for one that was taken; texts that PostgreSQL writes for itself lose
-- blanks and brackets, which differ between its versions.
WITH spaces AS (
    SELECT oid, nspname, nspowner, nspacl FROM pg_namespace WHERE nspname = ANY ($1)
), ours (role) AS (
    SELECT unnest(ARRAY[
        'tally_owner', 'tally_appender', 'tally_ledgerkinds', 'tally_writer', 'tally_operator',
        'tally_executor', 'tally_projector', 'tally_reader', 'tally_table_reader', 'tally_auditor',
        'tally_purger'])
    WHERE 'tally' = ANY ($1)
    UNION ALL SELECT unnest(ARRAY['tally_key_owner', 'tally_key_writer', 'tally_key_keeper'])
    WHERE 'tally_keys' = ANY ($1)
), relations AS (
    SELECT c.*, s.nspname, s.nspowner, s.nspname || '.' || c.relname AS object
    FROM pg_class c JOIN spaces s ON s.oid = c.relnamespace
    -- Those that a rebuild is filling are not guarded yet.
    WHERE c.relkind NOT IN ('i', 'I', 't', 'c') AND NOT (c.relname LIKE '%\_next' AND (
        s.nspname = 'tally_tables'
        OR c.relname IN ('document_next', 'event_tag_next', 'dictionary_next')))
), columns AS (
    SELECT a.*, r.relowner, r.object || '.' || a.attname AS object
    FROM pg_attribute a JOIN relations r ON r.oid = a.attrelid
    WHERE a.attnum > 0 AND NOT a.attisdropped
), functions AS (
    SELECT p.*, s.nspname, s.nspowner,
        format('%s.%s(%s)', s.nspname, p.proname, oidvectortypes(p.proargtypes)) AS object
    FROM pg_proc p JOIN spaces s ON s.oid = p.pronamespace
), grants (object, owner, acl) AS (
    SELECT nspname::text, nspowner, coalesce(nspacl, acldefault('n', nspowner)) FROM spaces
    UNION ALL SELECT object, relowner, coalesce(relacl, acldefault('r', relowner)) FROM relations
    UNION ALL SELECT object, relowner, attacl FROM columns WHERE attacl IS NOT NULL
    UNION ALL SELECT object, proowner, coalesce(proacl, acldefault('f', proowner)) FROM functions
), owned (object, owner, acl, rights) AS (
    SELECT nspname::text, nspowner, nspacl, acldefault('n', nspowner) FROM spaces
    UNION ALL SELECT object, relowner, relacl, acldefault('r', relowner) FROM relations
    UNION ALL SELECT object, proowner, proacl, acldefault('f', proowner) FROM functions
), facts (object, kind, value) AS (
    SELECT nspname::text, 'owner', nspowner::regrole::text FROM spaces
    UNION ALL SELECT object, 'owner', relowner::regrole::text FROM relations
    UNION ALL SELECT object, 'owner', proowner::regrole::text FROM functions
    UNION ALL SELECT g.object, 'grant', a.privilege_type || ' to ' || coalesce(r.rolname, 'PUBLIC')
            || CASE WHEN a.is_grantable THEN ', who may grant it' ELSE '' END
        FROM grants g CROSS JOIN LATERAL aclexplode(g.acl) a
            LEFT JOIN pg_roles r ON r.oid = a.grantee
        WHERE a.grantee <> g.owner
    UNION ALL SELECT o.object, 'grant', d.privilege_type || ' taken from its owner'
        FROM owned o CROSS JOIN LATERAL aclexplode(o.rights) d
        WHERE d.grantee = o.owner AND o.acl IS NOT NULL AND NOT EXISTS (
            SELECT FROM aclexplode(o.acl) a
            WHERE a.grantee = o.owner AND a.privilege_type = d.privilege_type)
    UNION ALL SELECT object, 'table',
            CASE relkind WHEN 'r' THEN 'table' ELSE 'of kind ' || relkind::text END
            || CASE relpersistence WHEN 'u' THEN ', unlogged' ELSE '' END FROM relations
    UNION ALL SELECT object, 'row security',
            CASE WHEN relrowsecurity AND relforcerowsecurity THEN 'forced'
            WHEN relrowsecurity THEN 'not for the owner' ELSE 'off' END FROM relations
    UNION ALL SELECT c.object, 'column', format_type(atttypid, atttypmod)
            || CASE WHEN attnotnull THEN ', not null' ELSE '' END
            || coalesce(
                ', default ' || translate(pg_get_expr(d.adbin, d.adrelid), E' \n()', ''), '')
            || CASE WHEN attcollation NOT IN (0, 100) THEN ', collate ' || l.collname ELSE '' END
            || CASE attstorage WHEN t.typstorage THEN '' ELSE ', storage ' || attstorage::text END
            || CASE WHEN attgenerated <> '' OR attidentity <> '' THEN ', generated' ELSE '' END
        FROM columns c JOIN pg_type t ON t.oid = atttypid
        LEFT JOIN pg_attrdef d ON d.adrelid = attrelid AND d.adnum = attnum
        LEFT JOIN pg_collation l ON l.oid = attcollation
    UNION ALL SELECT r.object, 'constraint', translate(pg_get_constraintdef(k.oid), E' \n()', '')
        FROM pg_constraint k JOIN relations r ON r.oid = k.conrelid
        WHERE k.contype NOT IN ('n', 't')
    UNION ALL SELECT r.object, 'index', translate(regexp_replace(pg_get_indexdef(i.indexrelid),
            'INDEX \S+ ON \S+ ', ''), E' \n()', '')
            || CASE WHEN i.indisvalid THEN '' ELSE ', not valid' END
        FROM pg_index i JOIN relations r ON r.oid = i.indrelid
        WHERE NOT EXISTS (SELECT FROM pg_constraint k
            WHERE k.conindid = i.indexrelid AND k.conrelid = i.indrelid)
    UNION ALL SELECT r.object || ' ' || t.tgname, 'trigger', format('%s, type %s%s%s',
            t.tgfoid::regproc, t.tgtype, CASE t.tgenabled WHEN 'O' THEN '' ELSE ', not enabled' END,
            CASE WHEN t.tgqual IS NULL THEN '' ELSE ', not always' END)
        FROM pg_trigger t JOIN relations r ON r.oid = t.tgrelid WHERE NOT t.tgisinternal
    UNION ALL SELECT r.object || ' ' || p.polname, 'policy', format('%s%s to %s using %s check %s',
            CASE WHEN p.polpermissive THEN '' ELSE 'restrictive ' END, p.polcmd, (
                SELECT string_agg(coalesce(o.rolname, 'PUBLIC'), ',' ORDER BY o.rolname)
                FROM unnest(p.polroles) x LEFT JOIN pg_roles o ON o.oid = x),
            translate(pg_get_expr(p.polqual, p.polrelid), E' \n()', ''),
            translate(pg_get_expr(p.polwithcheck, p.polrelid), E' \n()', ''))
        FROM pg_policy p JOIN relations r ON r.oid = p.polrelid
    UNION ALL SELECT r.object || ' ' || w.rulename, 'rule', w.ev_type::text
        FROM pg_rewrite w JOIN relations r ON r.oid = w.ev_class
    UNION ALL SELECT object, 'function', format('%s %s, %s, volatility %s, parallel %s%s%s%s',
            l.lanname, prokind, pg_get_function_result(p.oid), provolatile, proparallel,
            CASE WHEN prosecdef THEN ', definer' ELSE '' END,
            CASE WHEN proisstrict THEN ', strict' ELSE '' END, coalesce(', ' || (
                SELECT string_agg(c, ', ' ORDER BY c) FROM unnest(proconfig) c), ''))
        FROM functions p JOIN pg_language l ON l.oid = prolang
    UNION ALL SELECT object, 'body', left(encode(sha256(convert_to(
            CASE WHEN prosqlbody IS NULL THEN prosrc
                ELSE translate(pg_get_function_sqlbody(p.oid), E' \n()', '') END
            || coalesce(array_to_string(proargnames, ','), '')
            || coalesce(translate(pg_get_expr(proargdefaults, 0), E' \n()', ''), ''),
            'UTF8')), 'hex'), 32)
        FROM functions p
    UNION ALL SELECT 'role ' || o.role, 'role',
            CASE WHEN r.oid IS NULL THEN 'missing' ELSE concat_ws(', ',
            'role', CASE WHEN rolcanlogin THEN 'login' END, CASE WHEN rolsuper THEN 'superuser' END,
            CASE WHEN rolbypassrls THEN 'passes row security' END,
            CASE WHEN rolcreaterole OR rolcreatedb OR rolreplication THEN 'more rights' END) END
        FROM ours o LEFT JOIN pg_roles r ON r.rolname = o.role
    UNION ALL SELECT 'role ' || m.rolname, 'member', r.rolname
        FROM pg_auth_members a
            JOIN pg_roles m ON m.oid = a.member JOIN pg_roles r ON r.oid = a.roleid
        -- What tells a key store from its copies is readable where the installer could grant it.
        WHERE m.rolname IN (SELECT role FROM ours) AND r.rolname <> 'pg_read_all_settings'
    UNION ALL SELECT s.nspname, 'default grant',
            x.defaclobjtype::text || ' ' || a.privilege_type || ' to '
            || coalesce(r.rolname, 'PUBLIC')
        FROM pg_default_acl x JOIN spaces s ON s.oid = x.defaclnamespace
        CROSS JOIN LATERAL aclexplode(x.defaclacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
)
SELECT object, kind, coalesce(value, '') FROM facts
ORDER BY object COLLATE "C", kind COLLATE "C", value COLLATE "C"
