"""A training function that lives in a module, as a user's would."""

from typing import Any


def live(settings: dict[str, Any], seed: int, report: Any) -> None:
    """Report a figure that the setting moves by as much as it says."""
    report(metric="accuracy", value=settings["dropout"] + seed / 100)
