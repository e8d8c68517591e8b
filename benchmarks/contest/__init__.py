"""`make bench`: hikaku against its rivals, measured side by side, and the page about it."""
