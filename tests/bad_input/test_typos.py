"""One slip of the hand in a key or a name: what was meant is said, with line and column."""

from __future__ import annotations

import random
import re
import tomllib
from pathlib import Path
from string import ascii_lowercase

import pytest

from corpus.studies import TABLES, study
from hikaku.errors import StudyError
from hikaku.study.catalogue import HOUSE
from hikaku.study.decode import KEYS, load
from hikaku.study.fill import RECIPE_KEYS
from hikaku.study.outside import OUTSIDE_KEYS

N = 400
SPOT = re.compile(r"study\.toml:(\d+):(\d+) ")


def slipped(word: str, draw: random.Random) -> str:
    """Return the word with one letter wrong, missing, too many, or two neighbours exchanged."""
    at = draw.randrange(len(word))
    letter = draw.choice(ascii_lowercase)
    return draw.choice(
        [
            word[:at] + word[at + 1 :],
            word[:at] + letter + word[at + 1 :],
            word[:at] + letter + word[at:],
            word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
        ]
    )


def typed(word: str, wrong: str) -> tuple[str, str]:
    """Return the valid study with the word written wrong, and what stands before it on its line."""
    if word in HOUSE.techniques:
        slot = HOUSE.techniques[word].slot
        listed = slot in ("layers", "augment", "penalty", "clip", "project")
        value = f'["{wrong}"]' if listed else f'"{wrong}"'
        return study({f"recipe.{slot}": value}), f"{slot} = "
    if word in RECIPE_KEYS:
        return study({f"recipe.{wrong}": "1"}), ""
    if word in HOUSE.models:
        return study({"model": f'"{wrong}"'}), ""
    if word in HOUSE.datasets:
        return study({"data": f'{{ use = "{wrong}" }}'}), "data = { "
    return study({wrong: "1"}), ""


WORDS = sorted(
    {*(set(KEYS) - set(OUTSIDE_KEYS)), *RECIPE_KEYS, *HOUSE.techniques, *HOUSE.models}
    | set(HOUSE.datasets)
)
KNOWN = {*KEYS, *RECIPE_KEYS, *HOUSE.techniques, *HOUSE.models, *HOUSE.datasets, "design", "tune"}


def slips() -> list[tuple[str, str]]:
    """Return words and how they were mistyped, the same ones each time."""
    draw, found = random.Random(6), []
    while len(found) < N:
        word = draw.choice(WORDS)
        wrong = slipped(word, draw)
        if wrong not in KNOWN and len(wrong) > 1:
            found.append((word, wrong))
    return found


@pytest.mark.fault("E1", "C12")
def test_of_400_slips_95_in_100_are_understood_and_all_have_line_and_column(
    tmp_path: Path,
) -> None:
    path, understood, missed = tmp_path / "study.toml", 0, []
    for word, wrong in slips():
        text, before = typed(word, wrong)
        path.write_text(text)
        tomllib.loads(text)
        with pytest.raises(StudyError) as caught:
            load(path)
        said = [f"{fault.where} {fault.what}" for fault in caught.value.faults]
        (mine,) = (line for line in said if f"'{wrong}'" in line)
        spot = SPOT.search(mine)
        assert spot, mine
        line, column = map(int, spot.groups())
        here = text.splitlines()[line - 1]
        assert here[column - 1 :].startswith((wrong, f'"{wrong}"', before, "use", "model")), mine
        assert wrong in here
        understood += f"Did you mean '{word}'?" in mine
        missed += [] if f"Did you mean '{word}'?" in mine else [(word, wrong)]
    assert understood >= 0.95 * N, missed


def test_the_study_that_is_mistyped_is_valid(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text(study({}))
    assert load(path).variants[0].name == TABLES["variant"]["name"].strip('"')
