"""What learns: the gallery's networks, where a model can be edited, and the edits themselves."""
