# For `tally init` and whoever destroys KEKs: a short-lived token, never that of a service.

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

path "tally/encrypt/+" {
  capabilities = ["update"]
}

path "tally/decrypt/+" {
  capabilities = ["update"]
}
