"""Studies made of ready-made ones: fewer arms, the same everything else."""

from __future__ import annotations

import re
from pathlib import Path

from hikaku.study.gallery import resolve

VARIANT = "\n[[variant]]"
SAID = re.compile(r"\n(\[published\]|\[\[claim\]\])")
SCALES = re.compile(r'("init\.std" = \[)([^\]]*)\]')


def arms_of(study: str, count: int) -> str:
    """Return the text of a ready-made study with its base and its first variants alone."""
    head, *variants = SAID.split(_text(study), maxsplit=1)[0].split(VARIANT)
    return VARIANT.join([head, *variants[: count - 1]])


def scales_of(study: str, count: int) -> str:
    """Return the text of a study that varies the scale of the first weights, at its first few."""

    def few(found: re.Match[str]) -> str:
        return f"{found[1]}{', '.join(found[2].split(',')[:count])}]"

    return SCALES.sub(few, SAID.split(_text(study), maxsplit=1)[0])


def _text(study: str) -> str:
    return Path(resolve(study)).read_text(encoding="utf-8")


def written(text: str, name: str, folder: Path) -> str:
    """Write a study; return the path that names it."""
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def base_of(study: str, folder: Path) -> str:
    """Write a ready-made study without its variants; return the path that names it."""
    return written(arms_of(study, 1), f"{study}-base", folder)
