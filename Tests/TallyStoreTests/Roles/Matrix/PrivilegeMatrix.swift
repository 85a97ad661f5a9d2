// Who may do what: the expected privileges of every role on every table and function of the
// schema tally. What is not listed here is denied; what is new and not listed fails a test.

/// The allow/deny matrix of the ledger's database.
enum PrivilegeMatrix {
    /// The roles that the schema creates.
    static let roles = [
        "tally_owner", "tally_appender", "tally_ledgerkinds", "tally_writer", "tally_operator",
        "tally_executor", "tally_projector", "tally_reader", "tally_table_reader",
        "tally_auditor", "tally_purger",
    ]

    /// What can be done to a table.
    static let operations = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"]

    private static let all = Set(operations)
    private static let read: Set = ["SELECT"]
    private static let add: Set = ["SELECT", "INSERT"]

    /// The allowed operations by table and role.
    static let tables: [String: [String: Set<String>]] = [
        "schema_version": readableByMost,
        "schema_functions": readableByMost,
        "ledger": readableByMost.merging(["tally_ledgerkinds": add]) { $1 },
        "tenant": readableByMost.merging(["tally_ledgerkinds": add]) { $1 },
        "head": readableByMost.merging([
            "tally_appender": ["SELECT", "UPDATE"],
            "tally_ledgerkinds": ["SELECT", "INSERT", "UPDATE"],
        ]) { $1 },
        "event": [
            "tally_owner": all, "tally_appender": add, "tally_ledgerkinds": add,
            "tally_reader": read, "tally_auditor": read,
            "tally_projector": read,
        ],
        "key_fence": register.merging([
            "tally_appender": read, "tally_writer": read, "tally_reader": read,
            "tally_projector": read, "tally_purger": read,
        ]) { $1 },
        "fenced_key": [
            "tally_owner": all, "tally_appender": read, "tally_ledgerkinds": add,
            "tally_operator": read, "tally_executor": read, "tally_auditor": read,
            "tally_purger": read,
        ],
        "restriction": register.merging(["tally_appender": read, "tally_reader": read]) { $1 },
        "operator": register, "owner": register, "request": register,
        "approval": register, "hold": register,
        "erasure": register,
        "restore": register.merging(["tally_appender": read]) { $1 },
        "restore_conflict": register.merging(["tally_ledgerkinds": add]) { $1 },
        "erasure_event": [
            "tally_owner": all, "tally_ledgerkinds": ["SELECT", "INSERT", "DELETE"],
            "tally_operator": read, "tally_executor": read, "tally_auditor": read,
            "tally_projector": read,
        ],
        "epoch_receipt": register.merging(["tally_ledgerkinds": add]) { $1 },
        "projection_erasure": [
            "tally_owner": all, "tally_ledgerkinds": read, "tally_projector": add,
        ],
        "projection": [
            "tally_owner": all, "tally_projector": read, "tally_reader": read,
            "tally_operator": read, "tally_auditor": read, "tally_ledgerkinds": read,
        ],
        "table_definition": [
            "tally_owner": all, "tally_projector": read, "tally_reader": read,
            "tally_operator": read, "tally_auditor": read, "tally_ledgerkinds": read,
        ],
        "table_alive": ["tally_owner": all, "tally_ledgerkinds": add],
        "cursor": progress.merging(["tally_projector": add]) { $1 },
        "dead_letter": progress.merging(["tally_projector": ["SELECT", "INSERT", "DELETE"]]) { $1 },
        "document": derived, "snapshot": derived, "event_tag": derived, "dictionary": derived,
    ]

    /// What the ledger's own functions write, and operators and auditors see.
    private static let register: [String: Set<String>] = [
        "tally_owner": all, "tally_ledgerkinds": ["SELECT", "INSERT", "UPDATE"],
        "tally_operator": read, "tally_executor": read, "tally_auditor": read,
    ]
    private static let change: Set = ["SELECT", "INSERT", "UPDATE", "DELETE"]
    private static let derived: [String: Set<String>] = [
        "tally_owner": all, "tally_projector": change, "tally_reader": read,
    ]
    private static let progress = derived.merging([
        "tally_auditor": read, "tally_ledgerkinds": ["SELECT", "DELETE"],
    ]) { $1 }

    private static let readableByMost: [String: Set<String>] = [
        "tally_owner": all, "tally_appender": read, "tally_ledgerkinds": read,
        "tally_writer": read, "tally_operator": read, "tally_executor": read,
        "tally_projector": read, "tally_reader": read, "tally_auditor": read,
    ]

    private static let pure: Set = [
        "tally_owner", "tally_appender", "tally_ledgerkinds", "tally_writer", "tally_operator",
        "tally_reader", "tally_auditor",
    ]
    private static let kinds: Set = ["tally_ledgerkinds"]
    private static let operators: Set = ["tally_ledgerkinds", "tally_operator"]
    private static let executors: Set = ["tally_ledgerkinds", "tally_executor"]
    private static let readers: Set = ["tally_owner", "tally_reader"]
    private static let projectors: Set = ["tally_owner", "tally_projector"]
    private static let writers: Set = ["tally_owner", "tally_writer"]
    private static let auditors: Set = ["tally_owner", "tally_auditor"]
    private static let purger: Set = ["tally_purger"]
    private static let owner: Set = ["tally_owner"]
    private static let appenders: Set = ["tally_appender", "tally_writer"]

    /// The roles that may run a function, by its name.
    static let functions: [String: Set<String>] = [
        "leaf_hash": pure, "genesis_previous": pure, "uint64": pure, "leaf": pure,
        "part_digests": pure, "now_micros": pure.union(projectors), "json": owner.union(kinds),
        "lock_head": ["tally_appender", "tally_ledgerkinds", "tally_writer"],
        "require_batch": ["tally_appender"], "require_times": ["tally_appender"],
        "require_parts": ["tally_appender"],
        "judge_tenants": ["tally_appender"], "judge_requests": ["tally_appender"],
        "fenced_events": ["tally_appender"], "store_batch": ["tally_appender"],
        "purposed_kind": ["tally_appender"], "purposed_restore": ["tally_appender"],
        "is_permitted": appenders, "append_plain": appenders, "append_batch": appenders,
        "append_judged": appenders, "append_tenant": appenders,
        "append_clear": kinds, "open_tenant": kinds, "add_tenant": kinds,
        "set_state": kinds,
        "create_ledger": operators, "create_tenant": operators, "freeze": operators,
        "thaw": operators,
        "read_heads": writers.union(readers).union(auditors),
        "read_versions": writers, "judge": ["tally_writer"],
        "read_request": appenders,
        "read_stream": readers, "read_stream_back": readers,
        "read_positions": readers.union(projectors),
        "own_positions": readers, "newest_streams": readers,
        "find_event": readers, "list_streams": readers,
        "page_end": readers, "list_documents": readers,
        "changed_streams": readers, "streams_before": readers,
        "versions_before": readers,
        "find_positions": readers, "rarest_group": readers,
        "tagged_positions": readers, "keep_tagged": readers, "cut_at": readers,
        "close_through": ["tally_appender", "tally_reader"], "record_skip": operators,
        "remove_projection": operators,
        "read_documents": readers.union(projectors),
        "read_progress": ["tally_auditor", "tally_projector"],
        "move_cursor": projectors, "put_documents": projectors, "put_tags": projectors,
        "put_dead_letter": projectors, "skip_dead_letter": projectors,
        "unskip_dead_letter": projectors,
        "retry_dead_letters": projectors, "projection_tables": owner, "guard_projection": owner,
        "register_projection": projectors, "begin_rebuild": projectors, "index_rebuild": projectors,
        "swap_rebuild": projectors, "declare_table": projectors, "create_table": owner,
        "hide_values": owner, "index_table": owner, "require_newest": owner,
        "is_emptied": owner.union(kinds), "drop_table": owner.union(kinds),
        "revive_tables": ["tally_ledgerkinds", "tally_projector"],
        "read_extent": auditors, "stray_tenants": auditors,
        "read_leaves": [
            "tally_ledgerkinds", "tally_operator", "tally_executor", "tally_auditor",
        ],
        "clones_of": ["tally_ledgerkinds", "tally_operator", "tally_executor"],
        "verify_range": auditors, "excused_parts": auditors, "judge_body": auditors,
        "refuse_change": owner, "allow_purge": owner, "check_cursor": owner.union(kinds),
        "check_dead_letter": owner.union(kinds), "check_projection_erasure": owner.union(kinds),
        "hex": pure, "quoted": pure,
        "has_single_operator": operators.union(executors), "is_founding": operators,
        "is_approved": operators.union(executors),
        "add_founder": operators, "open_request": operators, "approve_request": operators,
        "refuse_request": operators, "require_signature": kinds, "take_refusal": kinds,
        "found_owners": operators, "recover_owner": operators, "check_owner_plan": kinds,
        "add_owner": kinds, "change_owner": kinds, "copy_owners": kinds,
        "take_approval": kinds, "add_operator": kinds,
        "check_operator_key": kinds, "end_operator": kinds,
        "settle_request": kinds, "open_erasure": kinds, "erasure_step": kinds,
        "place_hold": kinds, "release_hold": kinds, "readmit": kinds, "lock_request": kinds,
        "lock_erasure": kinds, "hold_of": operators.union(executors),
        "open_restore": kinds, "open_clone": kinds, "release_clone": kinds,
        "begin_restore": executors,
        "stop_restore": executors,
        "end_restore": executors,
        "read_newest": readers,
        "check_hold": executors, "fence_erasure": executors, "record_destruction": executors,
        "note_purged": executors, "waiting_projections": executors, "note_vacuumed": executors,
        "waiting_clones": operators.union(executors), "finish_purge": executors,
        "record_epoch": executors, "advance_erasures": executors,
        "erasure_count": ["tally_ledgerkinds", "tally_projector"],
        "pending_erasures": ["tally_ledgerkinds", "tally_projector"],
        "list_parts": executors, "purge_parts": executors, "is_epoch": kinds,
        "empty_parts": purger.union(kinds), "purge_body": owner.union(purger).union(kinds),
        "is_purge": owner.union(purger),
        "replace_documents": projectors, "erased_streams": projectors,
        "remove_tags": projectors, "remove_tenant": projectors,
        "drop_other_versions": projectors,
    ]
}
