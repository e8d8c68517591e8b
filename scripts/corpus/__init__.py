"""Bad inputs, one file a kind: each case makes one, and says how hikaku must refuse it."""
