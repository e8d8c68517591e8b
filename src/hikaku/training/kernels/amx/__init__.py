"""Convolutions in bfloat16 by the units that multiply tiles: Intel's AMX."""
