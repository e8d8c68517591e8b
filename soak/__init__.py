"""The kill harness: whatever is killed whenever, nothing is lost, doubled or changed."""
