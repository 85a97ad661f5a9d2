// Every function of the schema, one per file, in the order of their names;
// written by make facts.
#embed "functions/copies/find_owner.sql"
    ,
#embed "functions/copies/hold_creation.sql"
    ,
#embed "functions/copies/note_owner.sql"
    ,
#embed "functions/copies/place.sql"
    ,
#embed "functions/copies/unknown_keys.sql"
    ,
#embed "functions/copies/unknown_tenants.sql"
    ,
#embed "functions/destruction/block_keys.sql"
    ,
#embed "functions/destruction/count_blocks.sql"
    ,
#embed "functions/destruction/destroy_keys.sql"
    ,
#embed "functions/destruction/lift_block.sql"
    ,
#embed "functions/destruction/living_blocks.sql"
    ,
#embed "functions/destruction/unblock_keys.sql"
    ,
#embed "functions/destruction/withdrawn_keys.sql"
    ,
#embed "functions/epochs/end_epoch.sql"
    ,
#embed "functions/epochs/give_up_epoch.sql"
    ,
#embed "functions/epochs/note_recorded.sql"
    ,
#embed "functions/epochs/open_epoch.sql"
    ,
#embed "functions/epochs/read_epochs.sql"
    ,
#embed "functions/epochs/switch_epoch.sql"
    ,
#embed "functions/records/count_live.sql"
    ,
#embed "functions/records/count_orphans.sql"
    ,
#embed "functions/records/create_keys.sql"
    ,
#embed "functions/records/find_ids.sql"
    ,
#embed "functions/records/find_named.sql"
    ,
#embed "functions/records/find_subject.sql"
    ,
#embed "functions/records/is_blocked.sql"
    ,
#embed "functions/records/live_ids.sql"
    ,
#embed "functions/records/live_keys.sql"
    ,
#embed "functions/records/reserve_seals.sql"
    ,
#embed "functions/records/rewrap_keys.sql"
    ,
#embed "functions/restore/restore_blocks.sql"
    ,
#embed "functions/restore/restore_destruction.sql"
    ,
#embed "functions/restore/restore_epochs.sql"
    ,
#embed "functions/restore/restore_keys.sql"
    ,
#embed "functions/restore/restore_wraps.sql"
    ,
#embed "functions/restore/take_namesakes.sql"
    ,
#embed "functions/wraps/count_stale.sql"
    ,
#embed "functions/wraps/create_wrap.sql"
    ,
#embed "functions/wraps/find_stale_wraps.sql"
    ,
#embed "functions/wraps/hold_wrap.sql"
    ,
#embed "functions/wraps/lock_wraps.sql"
    ,
#embed "functions/wraps/read_wrap.sql"
    ,
#embed "functions/wraps/read_wraps.sql"
    ,
#embed "functions/wraps/replace_wraps.sql"
    ,
#embed "functions/wraps/sample_wraps.sql"
    ,
