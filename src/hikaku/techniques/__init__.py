"""The catalogue: one flat file a technique; `ls` is the list. `slots.py` draws the step."""
