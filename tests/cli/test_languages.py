"""Every command speaks English and Japanese: its help, its lists, what click says of mistakes."""

from __future__ import annotations

import gettext
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy

import click
import pytest

from hikaku.cli import hikaku
from hikaku.cli.spoken import Context, asked_language, help_texts, speak, walk
from hikaku.words import columns, wrapped

KANA = re.compile("[\u3040-\u30ff]")


@pytest.fixture
def japanese(monkeypatch: pytest.MonkeyPatch) -> Iterator[click.Group]:
    """The command line as it is after `--lang ja`; the process speaks as before afterwards."""
    for name in ("HIKAKU_LANG", "LANGUAGE"):
        monkeypatch.setenv(name, "")
    domain = gettext.textdomain()
    root = deepcopy(hikaku)
    speak(root, ["run", "--lang", "ja"])
    yield root
    gettext.textdomain(domain)


def typed(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    speaks = {"LC_ALL": "C.UTF-8", "HIKAKU_LANG": "", "LANGUAGE": ""}
    return subprocess.run(
        [sys.executable, "-m", "hikaku", *words],
        capture_output=True,
        text=True,
        env=os.environ | speaks | environment,
        check=False,
    )


def test_every_help_is_said_in_japanese_within_80_columns(japanese: click.Group) -> None:
    for command in walk(japanese):
        told = command.get_help(Context(command, info_name="hikaku", max_content_width=80))
        assert max(map(columns, told.splitlines())) <= 80
        assert told.startswith("使い方:") and "オプション:" in told
        assert KANA.search(command.help or "あ"), command.name
    english = {text for text in help_texts(hikaku) if " " in text}
    assert english.isdisjoint(help_texts(japanese))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--lang", "ja", "run"), "エラー: 引数がありません 'STUDY'"),
        (("run", "--lang=ja"), "エラー: 引数がありません 'STUDY'"),
        (
            ("run", "x", "--engine", "y", "--lang", "ja"),
            "エラー: '--engine' の値が",
        ),
        (("runn", "--lang", "ja"), "エラー: コマンド 'runn' はありません"),
        (("explain", "dropuot", "--lang", "ja"), "dropout"),
        (("run", "x", "--lang", "xx"), "Error: Invalid value for '--lang'"),
    ],
)
def test_a_mistake_is_told_in_the_language_that_was_asked_for(
    words: tuple[str, ...], said: str
) -> None:
    done = typed(*words)
    assert done.returncode == 2 and said in done.stderr


def test_the_option_wins_over_the_environment() -> None:
    english = typed("techniques", "--lang", "en", HIKAKU_LANG="ja").stdout
    assert not KANA.search(english)
    listed = typed("techniques", "--lang", "ja", HIKAKU_LANG="en").stdout.splitlines()
    assert all(KANA.search(line) for line in listed)


def test_the_last_language_named_before_two_dashes_counts() -> None:
    assert asked_language(["--lang", "en", "run", "--lang=ja"]) == "ja"
    assert asked_language(["run", "--", "--lang", "ja"]) == ""
    assert asked_language(["run", "--lang"]) == ""


@pytest.mark.parametrize("width", [10, 17, 40])
def test_japanese_is_broken_between_signs_and_never_inside_of_a_word(width: int) -> None:
    text = "手法は dropout です。「学習率」は、0.1 (既定) のままです。トランスフォーマー！"
    lines = wrapped(text, width)
    assert max(map(columns, lines)) <= width or width < 18
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert not [line for line in lines if line[0] in "。、」！" or line[-1] in "「"]
    assert any("dropout" in line for line in lines)


def test_a_word_that_no_line_holds_is_cut() -> None:
    assert wrapped("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]
    assert wrapped("", 10) == []
    assert wrapped("ab", 0) == wrapped("ab", -3) == ["a", "b"]
