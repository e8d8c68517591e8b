"""The ready-made studies can be decoded, and each says first how many seeds stand behind it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hikaku.study.decode import load
from hikaku.study.gallery import gallery, resolve
from reproduction import PARTS

STUDIES = gallery()


def test_studies_are_numbered_without_gaps_and_named_without_the_number() -> None:
    numbers = [int(path.name.partition("-")[0]) for path in STUDIES.values()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert list(STUDIES)[:2] == ["digits", "mnist-mlp"]


@pytest.mark.parametrize("path", STUDIES.values(), ids=STUDIES)
def test_the_first_line_gives_the_number_of_seeds_that_the_study_runs(path: Path) -> None:
    study = load(path)
    first = re.match(r"# (n =|Up to) (\d+) paired seeds", path.read_text(encoding="utf-8"))
    assert first and int(first[2]) == len(study.seeds)
    assert (first[1] == "Up to") == study.auto


@pytest.mark.parametrize("path", STUDIES.values(), ids=STUDIES)
def test_every_variant_changes_one_thing_or_is_a_cell_of_a_grid_of_such_changes(path: Path) -> None:
    study = load(path)
    works = {arm.name: arm.work for arm in study.arms}
    changes = [arm.work.diff(works[arm.against or "base"]) for arm in study.variants]
    alone = {change for diff in changes if len(diff) == 1 for change in diff}
    assert alone and {change for diff in changes for change in diff} == alone


@pytest.mark.parametrize("path", STUDIES.values(), ids=STUDIES)
def test_running_figures_are_published_for_each_epoch(path: Path) -> None:
    study = load(path)
    for figure in study.published:
        if figure.reading == "running":
            assert len(figure.values) == study.base.recipe.epochs


@pytest.mark.parametrize("name", PARTS)
def test_what_is_run_of_a_study_for_the_page_is_the_study_but_smaller(name: str) -> None:
    whole, part = load(resolve(name)), load(resolve(name), PARTS[name])
    assert [arm.name for arm in part.arms] == [arm.name for arm in whole.arms]
    assert all(claim.moved for claim in part.claims) and part != whole


@pytest.mark.parametrize("path", STUDIES.values(), ids=STUDIES)
def test_a_study_that_promises_its_command_on_the_page_has_one_there(path: Path) -> None:
    promised = "docs/reproduction.md shows it" in " ".join(
        path.read_text(encoding="utf-8").replace("#", " ").split()
    )
    assert not promised or path.stem.partition("-")[2] in PARTS
