"""What the fork server of the workers loads, so that none of them does it for itself.

It collects no garbage meanwhile, which would be a quarter of the time that loading takes, and no
worker looks for any among what was loaded, for that stays.
"""

# ruff: noqa: E402 - what comes first is for what is imported after it
import gc

gc.disable()

from numba.core.registry import cpu_target

import hikaku.execution.serve
import hikaku.execution.together  # noqa: F401 - loading them is all

# Numba gets ready to load compiled loops. It costs a quarter of a second, which a worker would pay
# as soon as it trains by a loop of ours, and where code of the user's runs, that is for each trial.
cpu_target.typing_context.refresh()
cpu_target.target_context.refresh()
gc.freeze()
gc.enable()
