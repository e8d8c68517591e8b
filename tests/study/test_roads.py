"""Two roads lead to a study, TOML and Python; what comes along either is a study or refused."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_house import STUDY

from hikaku.errors import StudyError
from hikaku.study.catalogue import Catalogue
from hikaku.study.decode import from_mapping, load
from hikaku.study.sources import evaluation_fingerprint, fingerprints
from hikaku.study.study import Study

RICH = (
    STUDY
    + """
[[variant]]
name = "all slots"
layers = ["batch-norm", { use = "tanh", at = ["fc*", "conv"] }]
stopping = { use = "early-stopping", patience = 3, baseline = 0.5 }
data.train = 100

[published]
"running train loss" = [1.0, 0.5]
"""
)
RANDOM = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def as_tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: as_tuples(item) for key, item in value.items()}
    return tuple(map(as_tuples, value)) if isinstance(value, list) else value


@pytest.mark.parametrize("turned", [lambda value: value, as_tuples], ids=["lists", "tuples"])
def test_both_roads_give_the_same_study_and_fingerprints(
    tmp_path: Path, house: Catalogue, turned: Callable[[Any], Any]
) -> None:
    path = tmp_path / "study.toml"
    path.write_text(RICH)
    asked: dict[str, Any] = {"overrides": ["recipe.steps=9"], "seeds": "1,2", "catalogue": house}
    one = load(path, **asked)
    other = from_mapping(
        turned(tomllib.loads(RICH)), name="study", folder=tmp_path.absolute(), **asked
    )
    assert one == other
    assert fingerprints(one, house) == fingerprints(other, house)


def survives(path: Path, data: bytes, house: Catalogue) -> Study | None:
    """Decode, and go on to everything that a decoded study is asked before anything trains."""
    path.write_bytes(data)
    try:
        study = load(path, catalogue=house)
    except StudyError as error:
        assert error.faults
        assert all(fault.where.startswith(f"{path}:") for fault in error.faults)
        assert str(error)
        return None
    fingerprints(study, house)
    evaluation_fingerprint(study)
    assert all(str(change) for arm in study.arms for change in arm.work.diff(study.base))
    return study


@RANDOM
@given(st.binary(max_size=60))
def test_random_bytes_are_refused_with_a_place(
    tmp_path: Path, house: Catalogue, data: bytes
) -> None:
    survives(tmp_path / "study.toml", data, house)


@RANDOM
@given(st.text(alphabet="abm[]{}=.,\"'#\n\\ 019-_é\0", max_size=60))
def test_random_text_is_refused_with_a_place(tmp_path: Path, house: Catalogue, text: str) -> None:
    survives(tmp_path / "study.toml", text.encode(), house)


@RANDOM
@given(st.data())
def test_a_study_with_random_edits_is_decoded_or_refused_with_a_place(
    tmp_path: Path, house: Catalogue, data: st.DataObject
) -> None:
    text = RICH
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        length = data.draw(st.sampled_from([0, 1, 1, 2, 10]))
        piece = data.draw(
            st.sampled_from(
                [
                    "",
                    "0",
                    "-",
                    ".",
                    "=",
                    '"',
                    "[",
                    "]",
                    "{",
                    "}",
                    "\n",
                    "x",
                    "nan",
                    "true",
                    "0xffffffffffffffffffff",
                    "1e999",
                    "1979-05-27",
                    "[[variant]]",
                    "{ use = 1 }",
                    "\\u0000",
                ]
            )
        )
        text = text[:start] + piece + text[start + length :]
    survives(tmp_path / "study.toml", text.encode(), house)


VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=5),
        st.sampled_from(["adam", "dropout", "digits", "mlp", "own.py:X", "x.py:", "inf"]),
        st.builds(lambda: 10**5000),
        st.binary(max_size=2),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["use", "lr", "name", "train", "of", "x"]), inner),
    ),
    max_leaves=5,
)


def places(value: Any, head: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = (
        value.items()
        if isinstance(value, dict)
        else (enumerate(value) if isinstance(value, list) else ())
    )
    return [head, *(place for key, item in items for place in places(item, (*head, key)))]


PLACES = places(tomllib.loads(RICH))[1:]


@RANDOM
@given(st.sampled_from(PLACES), VALUES)
def test_any_value_at_any_place_is_decoded_or_refused(
    house: Catalogue, place: tuple[Any, ...], value: Any
) -> None:
    mapping: Any = tomllib.loads(RICH)
    holder = mapping
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = value
    try:
        study = from_mapping(mapping, name="s", folder="/nowhere", catalogue=house)
    except StudyError as error:
        assert str(error)
    else:
        fingerprints(study, house)


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_no_place_takes_a_value_of_the_wrong_type(house: Catalogue, place: tuple[Any, ...]) -> None:
    mapping: Any = tomllib.loads(RICH)
    holder = mapping
    for step in place[:-1]:
        holder = holder[step]
    # A moment in time is a value that TOML has and no key of a study takes.
    holder[place[-1]] = tomllib.loads("t = 1979-05-27T07:32:00Z")["t"]
    with pytest.raises(StudyError):
        from_mapping(mapping, name="s", folder=".", catalogue=house)


def test_names_worth_and_the_number_of_seeds_are_not_identity(
    house: Catalogue, tmp_path: Path
) -> None:
    path = tmp_path / "study.toml"
    path.write_text(RICH)
    one = load(path, catalogue=house)
    path.write_text(RICH.replace('"sgd"\n', '"other name"\n').replace("Which", "What"))
    other = load(path, ["worth=0.5"], 9, catalogue=house, name="another")
    mine, theirs = fingerprints(one, house), fingerprints(other, house)
    assert list(mine.values()) == list(theirs.values())
    assert len(set(mine.values())) == len(one.arms)
    assert set(theirs) - set(mine) == {"other name"}
