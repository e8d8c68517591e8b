"""Where things lie unless a command or a call says otherwise."""

DEFAULT_STORE = ".hikaku/store.db"
"""The store, in the working folder."""
