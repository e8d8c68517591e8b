"""What every worker would do again for itself: numba gets ready to load compiled loops.

Imported by the fork server alone. It costs a quarter of a second, which a worker pays as soon as
it trains by a loop of ours, and where code of the user's runs, that is once for each trial.
"""

from numba.core.registry import cpu_target

cpu_target.typing_context.refresh()
cpu_target.target_context.refresh()
