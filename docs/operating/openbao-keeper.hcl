# For `tally init` and for what rotates key epochs: never the token of a process that appends.

path "tally/keys/+" {
  capabilities = ["read", "update", "delete"]
}

path "tally/keys/+/config" {
  capabilities       = ["update"]
  allowed_parameters = { "deletion_allowed" = [] }
}

# The marks of destroyed epochs can be made and read, but neither deleted nor made deletable.
path "tally/keys/destroyed-*" {
  capabilities       = ["read", "update"]
  allowed_parameters = { "type" = [] }
}

# Nor can the notes that say which copy of the ledger may end epochs.
path "tally/keys/owner-*" {
  capabilities       = ["read", "update"]
  allowed_parameters = { "type" = [] }
}

path "tally/encrypt/+" {
  capabilities = ["update"]
}

path "tally/decrypt/+" {
  capabilities = ["update"]
}
