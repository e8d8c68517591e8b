"""`serve`: the dashboard, a server of this machine that reads the store and writes nothing."""
