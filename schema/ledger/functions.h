// Every function of the schema, one per file, in the order of their names;
// written by make facts.
#embed "functions/append/append_batch.sql"
    ,
#embed "functions/append/append_clear.sql"
    ,
#embed "functions/append/append_judged.sql"
    ,
#embed "functions/append/append_plain.sql"
    ,
#embed "functions/append/append_tenant.sql"
    ,
#embed "functions/append/is_permitted.sql"
    ,
#embed "functions/append/lock_head.sql"
    ,
#embed "functions/append/purposed_kind.sql"
    ,
#embed "functions/append/purposed_restore.sql"
    ,
#embed "functions/batch/fenced_events.sql"
    ,
#embed "functions/batch/judge_requests.sql"
    ,
#embed "functions/batch/judge_tenants.sql"
    ,
#embed "functions/batch/require_batch.sql"
    ,
#embed "functions/batch/require_parts.sql"
    ,
#embed "functions/batch/require_times.sql"
    ,
#embed "functions/batch/store_batch.sql"
    ,
#embed "functions/documents/changed_streams.sql"
    ,
#embed "functions/documents/erased_streams.sql"
    ,
#embed "functions/documents/list_documents.sql"
    ,
#embed "functions/documents/put_documents.sql"
    ,
#embed "functions/documents/read_documents.sql"
    ,
#embed "functions/documents/replace_documents.sql"
    ,
#embed "functions/documents/streams_before.sql"
    ,
#embed "functions/documents/versions_before.sql"
    ,
#embed "functions/erasure/advance_erasures.sql"
    ,
#embed "functions/erasure/erasure_count.sql"
    ,
#embed "functions/erasure/erasure_step.sql"
    ,
#embed "functions/erasure/fence_erasure.sql"
    ,
#embed "functions/erasure/is_epoch.sql"
    ,
#embed "functions/erasure/lock_erasure.sql"
    ,
#embed "functions/erasure/note_purged.sql"
    ,
#embed "functions/erasure/open_erasure.sql"
    ,
#embed "functions/erasure/pending_erasures.sql"
    ,
#embed "functions/erasure/readmit.sql"
    ,
#embed "functions/erasure/record_destruction.sql"
    ,
#embed "functions/erasure/record_epoch.sql"
    ,
#embed "functions/format/genesis_previous.sql"
    ,
#embed "functions/format/hex.sql"
    ,
#embed "functions/format/json.sql"
    ,
#embed "functions/format/leaf.sql"
    ,
#embed "functions/format/leaf_hash.sql"
    ,
#embed "functions/format/now_micros.sql"
    ,
#embed "functions/format/part_digests.sql"
    ,
#embed "functions/format/quoted.sql"
    ,
#embed "functions/format/uint64.sql"
    ,
#embed "functions/guards/allow_purge.sql"
    ,
#embed "functions/guards/check_cursor.sql"
    ,
#embed "functions/guards/check_dead_letter.sql"
    ,
#embed "functions/guards/check_projection_erasure.sql"
    ,
#embed "functions/guards/refuse_change.sql"
    ,
#embed "functions/holds/check_hold.sql"
    ,
#embed "functions/holds/hold_of.sql"
    ,
#embed "functions/holds/place_hold.sql"
    ,
#embed "functions/holds/release_hold.sql"
    ,
#embed "functions/lanes/judge.sql"
    ,
#embed "functions/lanes/read_heads.sql"
    ,
#embed "functions/lanes/read_versions.sql"
    ,
#embed "functions/operators/add_founder.sql"
    ,
#embed "functions/operators/add_operator.sql"
    ,
#embed "functions/operators/check_operator_key.sql"
    ,
#embed "functions/operators/end_operator.sql"
    ,
#embed "functions/operators/has_single_operator.sql"
    ,
#embed "functions/operators/is_founding.sql"
    ,
#embed "functions/owners/add_owner.sql"
    ,
#embed "functions/owners/change_owner.sql"
    ,
#embed "functions/owners/check_owner_plan.sql"
    ,
#embed "functions/owners/copy_owners.sql"
    ,
#embed "functions/owners/found_owners.sql"
    ,
#embed "functions/owners/recover_owner.sql"
    ,
#embed "functions/projections/guard_projection.sql"
    ,
#embed "functions/projections/move_cursor.sql"
    ,
#embed "functions/projections/projection_tables.sql"
    ,
#embed "functions/projections/put_dead_letter.sql"
    ,
#embed "functions/projections/read_progress.sql"
    ,
#embed "functions/projections/record_skip.sql"
    ,
#embed "functions/projections/register_projection.sql"
    ,
#embed "functions/projections/remove_projection.sql"
    ,
#embed "functions/projections/retry_dead_letters.sql"
    ,
#embed "functions/projections/skip_dead_letter.sql"
    ,
#embed "functions/projections/unskip_dead_letter.sql"
    ,
#embed "functions/purge/empty_parts.sql"
    ,
#embed "functions/purge/finish_purge.sql"
    ,
#embed "functions/purge/is_purge.sql"
    ,
#embed "functions/purge/list_parts.sql"
    ,
#embed "functions/purge/note_vacuumed.sql"
    ,
#embed "functions/purge/purge_body.sql"
    ,
#embed "functions/purge/purge_parts.sql"
    ,
#embed "functions/purge/remove_tenant.sql"
    ,
#embed "functions/purge/waiting_clones.sql"
    ,
#embed "functions/purge/waiting_projections.sql"
    ,
#embed "functions/read/find_event.sql"
    ,
#embed "functions/read/list_streams.sql"
    ,
#embed "functions/read/newest_streams.sql"
    ,
#embed "functions/read/own_positions.sql"
    ,
#embed "functions/read/page_end.sql"
    ,
#embed "functions/read/read_newest.sql"
    ,
#embed "functions/read/read_positions.sql"
    ,
#embed "functions/read/read_request.sql"
    ,
#embed "functions/read/read_stream.sql"
    ,
#embed "functions/read/read_stream_back.sql"
    ,
#embed "functions/rebuilds/begin_rebuild.sql"
    ,
#embed "functions/rebuilds/drop_other_versions.sql"
    ,
#embed "functions/rebuilds/index_rebuild.sql"
    ,
#embed "functions/rebuilds/require_newest.sql"
    ,
#embed "functions/rebuilds/swap_rebuild.sql"
    ,
#embed "functions/requests/approve_request.sql"
    ,
#embed "functions/requests/is_approved.sql"
    ,
#embed "functions/requests/lock_request.sql"
    ,
#embed "functions/requests/open_request.sql"
    ,
#embed "functions/requests/refuse_request.sql"
    ,
#embed "functions/requests/require_signature.sql"
    ,
#embed "functions/requests/settle_request.sql"
    ,
#embed "functions/requests/take_approval.sql"
    ,
#embed "functions/requests/take_refusal.sql"
    ,
#embed "functions/restore/begin_restore.sql"
    ,
#embed "functions/restore/clones_of.sql"
    ,
#embed "functions/restore/end_restore.sql"
    ,
#embed "functions/restore/open_clone.sql"
    ,
#embed "functions/restore/open_restore.sql"
    ,
#embed "functions/restore/release_clone.sql"
    ,
#embed "functions/restore/stop_restore.sql"
    ,
#embed "functions/tables/create_table.sql"
    ,
#embed "functions/tables/declare_table.sql"
    ,
#embed "functions/tables/drop_table.sql"
    ,
#embed "functions/tables/hide_values.sql"
    ,
#embed "functions/tables/index_table.sql"
    ,
#embed "functions/tables/is_emptied.sql"
    ,
#embed "functions/tables/revive_tables.sql"
    ,
#embed "functions/tenants/add_tenant.sql"
    ,
#embed "functions/tenants/create_ledger.sql"
    ,
#embed "functions/tenants/create_tenant.sql"
    ,
#embed "functions/tenants/freeze.sql"
    ,
#embed "functions/tenants/open_tenant.sql"
    ,
#embed "functions/tenants/set_state.sql"
    ,
#embed "functions/tenants/thaw.sql"
    ,
#embed "functions/time/close_through.sql"
    ,
#embed "functions/time/cut_at.sql"
    ,
#embed "functions/trail/find_positions.sql"
    ,
#embed "functions/trail/keep_tagged.sql"
    ,
#embed "functions/trail/put_tags.sql"
    ,
#embed "functions/trail/rarest_group.sql"
    ,
#embed "functions/trail/remove_tags.sql"
    ,
#embed "functions/trail/tagged_positions.sql"
    ,
#embed "functions/verify/excused_parts.sql"
    ,
#embed "functions/verify/judge_body.sql"
    ,
#embed "functions/verify/read_extent.sql"
    ,
#embed "functions/verify/read_leaves.sql"
    ,
#embed "functions/verify/stray_tenants.sql"
    ,
#embed "functions/verify/verify_range.sql"
    ,
