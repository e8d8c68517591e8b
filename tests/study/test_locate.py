from __future__ import annotations

import tomllib
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hikaku.study.locate import Path, Places, dotted, locate

TEXT = '''\
# a comment with = and [brackets]
format = 1
question = """
many = lines
"""
a.b."c d" = 3   # dotted and quoted
list = [
  1,            # the first
  { use = "x", at = ["p", "q"] },
  [2,
   3],
]
[table]
key = 'a ] string } with , marks'
[table.inner]
deep = { x = 1, y.z = "#" }
[[variant]]
name = "one"
[variant.data]
train = 1
[[variant]]
name = "two"
  [[variant.layers]]
  use = "x"
  [[variant.layers]]
  use = "y"
'''

LINES = {
    ("format",): 2,
    ("question",): 3,
    ("a",): 6,
    ("a", "b", "c d"): 6,
    ("list",): 7,
    ("list", 0): 8,
    ("list", 1): 9,
    ("list", 1, "use"): 9,
    ("list", 1, "at", 1): 9,
    ("list", 2): 10,
    ("list", 2, 1): 11,
    ("table",): 13,
    ("table", "key"): 14,
    ("table", "inner", "deep", "y", "z"): 16,
    ("variant",): 17,
    ("variant", 0): 17,
    ("variant", 0, "name"): 18,
    ("variant", 0, "data", "train"): 20,
    ("variant", 1): 21,
    ("variant", 1, "layers", 0, "use"): 24,
    ("variant", 1, "layers", 1, "use"): 26,
}

COLUMNS = {
    ("format",): (2, 1),
    ("a", "b"): (6, 3),
    ("list", 1, "use"): (9, 5),
    ("list", 1, "at", 1): (9, 27),
    ("table", "inner"): (15, 8),
    ("table", "inner", "deep", "y"): (16, 17),
    ("variant",): (17, 3),
    ("variant", 1, "layers", 1, "use"): (26, 3),
}


@pytest.mark.parametrize("path", LINES, ids=dotted)
def test_every_key_and_item_has_its_line(path: Path) -> None:
    assert locate(TEXT)[path].line == LINES[path]


@pytest.mark.parametrize(("path", "spot"), COLUMNS.items(), ids=map(dotted, COLUMNS))
def test_every_key_and_item_has_its_column(path: Path, spot: tuple[int, int]) -> None:
    assert locate(TEXT)[path] == spot
    line, column = spot
    assert TEXT.splitlines()[line - 1][column - 1 :].startswith(str(path[-1]).replace("1", '"q'))


def paths(value: Any, head: Path = ()) -> set[Path]:
    found = {head} - {()}
    if isinstance(value, dict):
        found.update(*(paths(item, (*head, key)) for key, item in value.items()))
    if isinstance(value, list):
        found.update(*(paths(item, (*head, at)) for at, item in enumerate(value)))
    return found


def test_the_locator_and_the_parser_see_the_same_paths() -> None:
    assert paths(tomllib.loads(TEXT)) == set(locate(TEXT))


def test_windows_line_ends_change_no_line() -> None:
    assert locate(TEXT.replace("\n", "\r\n")) == locate(TEXT)


KEYS = st.sampled_from(["a", "b-1", '"q k"', "'l'", '"e\\u0301"'])
VALUES: st.SearchStrategy[str] = st.recursive(
    st.sampled_from(
        [
            "1",
            "-2.5e3",
            "true",
            '"s"',
            "'l # ]'",
            '"""m\n=\n"""',
            "'''\n[x]\n'''",
            '"\\""',
            "1979-05-27 07:32:00",
            '""""q""""',
            "[]",
            "{}",
        ]
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: "[ # c ]\n" + ",\n".join(items) + " ]"),
        st.dictionaries(KEYS, inner, max_size=3).map(
            lambda pairs: "{" + ", ".join(f"{key} = {item}" for key, item in pairs.items()) + "}"
        ),
    ),
    max_leaves=8,
)
LINE = st.one_of(
    st.tuples(KEYS, VALUES).map(lambda pair: f"{pair[0]} = {pair[1]}"),
    st.tuples(KEYS, KEYS, VALUES).map(lambda parts: f"{parts[0]} . {parts[1]} = {parts[2]}"),
    KEYS.map(lambda key: f"[ {key} ]"),
    KEYS.map(lambda key: f"[[{key}]] # [[x]]"),
    st.tuples(KEYS, KEYS).map(lambda keys: f"[{keys[0]}.{keys[1]}]"),
    st.just("# [not] = a key"),
)


@given(st.lists(LINE, max_size=8).map("\n".join))
def test_any_valid_document_is_located_completely(text: str) -> None:
    try:
        mapping = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert paths(mapping) == set(locate(text))


@given(st.text(alphabet="ab[]{}=.,\"'#\n\\ 1", max_size=40))
def test_the_locator_ends_on_any_text(text: str) -> None:
    with suppress(tomllib.TOMLDecodeError):  # an escape that is none; nobody asks about such a text
        locate(text)


def test_an_unknown_place_has_the_line_of_its_nearest_parent() -> None:
    places = Places("s.toml", locate(TEXT))
    assert places.where(("variant", 1, "loss", "amount")) == "s.toml:21:1 variant[1].loss.amount:"
    assert places.where(("worth",)) == "s.toml:1:1 worth:"
    assert places.where(()) == "s.toml:1:1"


def test_without_a_file_the_key_alone_is_named() -> None:
    assert Places().where(("data", "train")) == "data.train:"


def test_what_an_option_set_is_named_by_the_option() -> None:
    places = Places("s.toml", {}, {("recipe", "layers"): "--set", ("seeds",): "--seeds"})
    assert places.where(("recipe", "layers", 0, "p")) == "--set recipe.layers[0].p:"
    assert places.where(("seeds", 1)) == "--seeds:"
    assert places.where(("recipe",)) == "s.toml:1:1 recipe:"


def test_a_key_that_is_no_bare_word_is_quoted() -> None:
    assert dotted(("published", "last test loss", 0)) == "published.'last test loss'[0]"
