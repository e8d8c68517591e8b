"""Kinds of models that people write, each as the text of a file `my_model.py` of theirs.

What each does under four arms stands here once: the tests hold it true, and `docs/learn/models.md`
shows it. `python tests/support/kinds.py` writes that page's table anew.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ARMS = ("base", "dropout", "batch norm", "activation swap")
WORKS = "works"
NOTICED = "works, noticed"
NO_PLACE = "finds no place"
HEAD = """import torch
from torch import nn
from torch.nn import functional as F
"""


@dataclass(frozen=True)
class Kind:
    """One kind of model: its title in the table, its source, the data it is for.

    `cells` says per arm that it works, that it works and its outside randomness is noticed, or
    holds words of the refusal; one word stands for all arms. `settings` stand beside the model's
    name in the study.
    """

    title: str
    source: str
    data: str = "vectors"
    cells: tuple[str, ...] = (WORKS,)
    settings: tuple[tuple[str, object], ...] = ()

    @property
    def text(self) -> str:
        """The whole file."""
        return HEAD + self.source

    def cell(self, arm: str) -> str:
        """Return what this arm does."""
        return (
            (self.cells * len(ARMS))[ARMS.index(arm)] if len(self.cells) == 1 else self.named(arm)
        )

    def named(self, arm: str) -> str:
        """Return the cell of an arm where each has its own."""
        return dict(zip(ARMS, self.cells, strict=True))[arm]


def all_kinds() -> tuple[Kind, ...]:
    """Return every kind, in the order of the table."""
    from kinds_calling import CALLING
    from kinds_layers import LAYERS
    from kinds_refused import REFUSED

    return (*LAYERS, *CALLING, *REFUSED)


BEGIN, END = "<!-- kinds: begin -->", "<!-- kinds: end -->"
PAGE = Path(__file__).parents[2] / "docs" / "learn" / "models.md"


def table() -> str:
    """Return the table of all kinds as Markdown."""
    lines = [f"| model | {' | '.join(ARMS)} |", "|---" * (len(ARMS) + 1) + "|"]
    for kind in all_kinds():
        cells = [kind.cell(arm) for arm in ARMS]
        shown = [cell if cell in (WORKS, NOTICED) else f"refused: “{cell}”" for cell in cells]
        if len(set(shown)) == 1 and shown[0] not in (WORKS, NOTICED):
            shown = [shown[0], *["the same"] * (len(ARMS) - 1)]
        lines.append(f"| {kind.title} | {' | '.join(shown)} |")
    return "\n".join(lines)


def with_table(page: str) -> str:
    """Return the page with the table of today in it."""
    return re.sub(f"{BEGIN}.*{END}", lambda _: f"{BEGIN}\n{table()}\n{END}", page, flags=re.DOTALL)


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text("utf-8")), "utf-8")
