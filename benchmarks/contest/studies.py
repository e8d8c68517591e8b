"""Studies made of ready-made ones: fewer arms, the same everything else."""

from __future__ import annotations

from pathlib import Path

from hikaku.study.gallery import resolve

VARIANT = "\n[[variant]]"
PUBLISHED = "\n[published]"


def arms_of(study: str, count: int) -> str:
    """Return the text of a ready-made study with its base and its first variants alone."""
    text = Path(resolve(study)).read_text(encoding="utf-8").partition(PUBLISHED)[0]
    head, *variants = text.split(VARIANT)
    return VARIANT.join([head, *variants[: count - 1]])


def written(text: str, name: str, folder: Path) -> str:
    """Write a study; return the path that names it."""
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def base_of(study: str, folder: Path) -> str:
    """Write a ready-made study without its variants; return the path that names it."""
    return written(arms_of(study, 1), f"{study}-base", folder)
