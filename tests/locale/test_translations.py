"""Every sentence can be translated, and the stored translations fit the sentences."""

from __future__ import annotations

import ast
from string import Formatter

import pytest

from hikaku.words import message, say
from translations import (
    JAPANESE,
    SOURCES,
    Template,
    key,
    merged,
    message_calls,
    mo_bytes,
    po_text,
    read,
    templates,
)

CALLS = [
    (path, call)
    for path in sorted(SOURCES.rglob("*.py"))
    for call in message_calls(ast.parse(path.read_text(encoding="utf-8")))
]
TRANSLATED = {key(entry): entry.string for entry in read() if entry.id and entry.string}
FILLED_LATER = {"answer.py"}
"""Files that keep templates and fill them where they know whom to name."""
VERDICTS = {
    "helps": "効果あり",
    "hurts": "逆効果",
    "no practical difference": "実用上の差なし",
    "undecided": "判定保留",
    "unstable": "不安定",
}


def placeholders(template: Template) -> set[str]:
    """Return the names that stand in braces; of one and many, those of many."""
    text = template if isinstance(template, str) else template[-1]
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_every_message_begins_with_a_literal_template_that_its_values_fill() -> None:
    for path, call in CALLS:
        where = f"{path.name}:{call.lineno}"
        assert len(call.args) == 1, where
        assert isinstance(call.args[0], ast.Constant), f"{where}: no catalogue can hold it"
        asked = placeholders(str(call.args[0].value))
        given = {keyword.arg for keyword in call.keywords}
        if None in given:  # `**values`: what they are is known when it is said
            assert given - {None} <= asked, where
        elif given:
            assert asked == given, where
        elif (
            path.name not in FILLED_LATER
        ):  # said as it stands, so braces are text (a piece of TOML, say)
            assert not [name for name in asked if name.isidentifier()], where


def test_the_catalogue_holds_every_message() -> None:
    assert po_text(merged(read(), templates())) == JAPANESE.read_bytes(), "run `make translations`"


def test_nothing_waits_for_its_translation() -> None:
    """Sentences, help, what click says, cards, data sets, ready-made studies."""
    assert [template for template in templates() if not TRANSLATED.get(template)] == []


def test_the_compiled_catalogue_is_the_one_that_people_edit() -> None:
    assert JAPANESE.with_suffix(".mo").read_bytes() == mo_bytes(read()), "run `make translations`"


def test_a_message_that_comes_back_finds_its_translation() -> None:
    without = merged(read(), {})
    assert not [entry for entry in without if entry.id]
    again = merged(without, templates())
    assert {key(entry): entry.string for entry in again if entry.id and entry.string} == TRANSLATED


def test_a_translation_has_the_placeholders_of_its_template() -> None:
    pairs = TRANSLATED.items()
    assert not [one for one, said in pairs if placeholders(said) != placeholders(one)]


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_verdict_is_said_in_japanese(verdict: str) -> None:
    assert say(message(verdict), "ja") == VERDICTS[verdict]


def test_no_space_parts_japanese_from_our_own_japanese() -> None:
    ours, theirs = message("loss"), "my_cost"
    assert say(message("effect on {metric}", metric=ours), "ja") == "損失への効果"
    assert say(message("effect on {metric}", metric=theirs), "ja") == "my_cost への効果"
    assert say(message("effect on {metric}", metric="損失"), "ja") == "損失 への効果"
    assert say(message("{arm} {metric}", arm="dropout", metric=ours), "ja") == "dropout 損失"
    assert say(message("effect on {metric}", metric=ours), "en") == "effect on loss"
