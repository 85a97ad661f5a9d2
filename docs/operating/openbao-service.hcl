# For processes that append and read: they use the KEKs that there are.
# Without the capability `create`, encrypting can never make a key.

path "tally/keys/+" {
  capabilities = ["read"]
}

path "tally/encrypt/+" {
  capabilities = ["update"]
}

path "tally/decrypt/+" {
  capabilities = ["update"]
}
