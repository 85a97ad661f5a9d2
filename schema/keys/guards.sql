-- Whom the key store serves: each role calls its functions, and reads no table but those that say
-- what schema it is. Applied again with each edition of the functions.
GRANT USAGE ON SCHEMA tally_keys TO tally_key_writer, tally_key_keeper;
GRANT SELECT ON tally_keys.schema_version, tally_keys.schema_functions TO
    tally_key_writer, tally_key_keeper;
