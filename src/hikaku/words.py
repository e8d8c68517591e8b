"""Every sentence hikaku says, as a value that can be said in more than one language.

Eats: an English template and the values that fill it. Makes: a `Message`; later, text.

Rooms make messages; only `cli` and `present` choose a language and turn them into text.
The English template itself is the key under which a translation is looked up (the habit of
gettext), so a missing translation reads as English and never as a code name.
"""

from __future__ import annotations

import gettext
import html
import os
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "ja")
LOCALE = Path(__file__).parent / "locale"

BREAKS = re.compile(r"[\t-\r\x85\u2028\u2029]+")
ACTING = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Signs that do something where they are shown: control characters (escape sequences begin with
one), line breaks, marks that turn the direction of writing, halves of a pair."""


@dataclass(frozen=True)
class Message:
    """A sentence not yet said: `id` is the English template, `values` fill its `{names}`."""

    id: str
    values: tuple[tuple[str, object], ...] = ()

    def __str__(self) -> str:
        """Return the English text."""
        return say(self, "en")

    def __repr__(self) -> str:
        """Return the English text in quotes: what people see of a list of messages."""
        return repr(str(self))

    def _repr_html_(self) -> str:
        """Return the text for a notebook, in the language of the environment."""
        return html.escape(say(self, preferred_language()))


def message(id: str, /, **values: object) -> Message:
    """Return the message with this English template, its `{names}` filled by `values`."""
    return Message(id, tuple(values.items()))


def catalogued(text: str) -> Message:
    """Return a text of the catalogue as a message: a sentence of a card, a summary, a question.

    Those of the package stand in the translations; what somebody else wrote reads as it is.
    """
    return Message(text)


def say(what: Message | str, language: str = "en") -> str:
    """Return the text of `what` in `language`; values that are messages are said in it too."""
    if isinstance(what, str):
        return what
    # Under the empty id, gettext keeps the header of its file.
    template = _translations(language).gettext(what.id) if what.id else ""
    values: dict[str, object] = {}
    for name, value in what.values:
        values[name] = say(value, language) if isinstance(value, Message) else value
        if isinstance(value, Message):
            template = _closed_up(template, name, str(values[name]))
    return template.format(**values) if values else template


def _closed_up(template: str, name: str, words: str) -> str:
    """Return the template without the spaces that would part these words of ours in Japanese.

    A template has them for what is written in Latin letters: "{metric} への効果".
    """
    field = re.escape(f"{{{name}}}")
    if words[:1] and _WIDE_SIGN.match(words[0]):
        template = re.sub(rf"(?<=[{_WIDE}]) (?={field})", "", template)
    if words[-1:] and _WIDE_SIGN.match(words[-1]):
        template = re.sub(rf"(?<={field}) (?=[{_WIDE}])", "", template)
    return template


def as_plain(what: Message) -> dict[str, Any]:
    """Return a message as JSON holds it; its values may be messages too."""
    values = {
        name: as_plain(value) if isinstance(value, Message) else value
        for name, value in what.values
    }
    return {"id": what.id, "values": values}


def from_plain(written: Mapping[str, Any]) -> Message:
    """Return the message that `as_plain` wrote."""
    values = {
        name: from_plain(value) if isinstance(value, dict) else value
        for name, value in written["values"].items()
    }
    return Message(written["id"], tuple(values.items()))


def inert(text: str) -> str:
    """Return the text as one line in which nothing acts: each sign that would becomes U+FFFD.

    Breaks between lines become a space. Letters of right-to-left scripts stay, and so do the
    joiners that some scripts and emoji need.
    """
    return ACTING.sub("\ufffd", BREAKS.sub(" ", text))


def preferred_language(environment: Mapping[str, str] = os.environ) -> str:
    """Return the language that the environment asks for, English where it asks for none of ours.

    `HIKAKU_LANG` comes first; then the first of `LC_ALL`, `LC_MESSAGES`, `LANG` that is set.
    """
    for name in ("HIKAKU_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        asked = environment.get(name, "")
        if asked:
            code = asked[:2].lower()
            return code if code in LANGUAGES else "en"
    return "en"


@cache
def _translations(language: str) -> gettext.NullTranslations:
    return gettext.translation("hikaku", LOCALE, languages=[language], fallback=True)


def joined(sentences: Iterable[str]) -> str:
    """Return the sentences one behind another, with a space between all but Japanese ones.

    >>> joined(["Is it?", "Yes."]), joined(["3 シード。", "平均。"])
    ('Is it? Yes.', '3 シード。平均。')
    """
    text = ""
    for one in sentences:
        text += one if not text or text[-1] in "。！？" else f" {one}"
    return text


WIDE = ("W", "F")
CLOSING = "、。，．・：；？！）」』】〕〉》”’ー々…％ぁぃぅぇぉっゃゅょァィゥェォッャュョ"
"""Signs that no line begins with; like small letters, they belong to what stands before them."""
OPENING = "（「『【〔〈《“‘"
"""Signs that no line ends with."""

_WIDE = (
    "\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6"
)
_WIDE_SIGN = re.compile(f"[{_WIDE}]")
_PIECE = re.compile(
    rf"[{OPENING}(\[]*(?:[^\s{_WIDE}]+|[\u30a1-\u30ff]+|\S)[{CLOSING})\],.:;!?%]*|\s+"
)
"""What stays together: a word in letters or katakana, or one wide sign, with its brackets."""


def columns(text: str) -> int:
    """Return how many columns of a terminal the text takes: letters of East Asia take two.

    >>> columns("dropout"), columns("学習率")
    (7, 6)
    """
    return sum(
        0 if unicodedata.combining(sign) else 1 + (unicodedata.east_asian_width(sign) in WIDE)
        for sign in text
    )


def wrapped(text: str, width: int) -> list[str]:
    """Return the text in lines of at most `width` columns, broken at spaces and between wide signs.

    A word stays whole where a line holds it; no line begins with what closes a sentence or a
    bracket.

    >>> wrapped("学習率は0.1です。", 12)
    ['学習率は0.1', 'です。']
    >>> wrapped("訓練の値(平均)です。", 13)
    ['訓練の値(平', '均)です。']
    """
    lines, width = [""], max(width, 1)
    for piece in _PIECE.findall(text):
        if lines[-1] and columns((lines[-1] + piece).rstrip()) > width:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        while columns(piece) > width and not piece.isspace():
            lines[-1] = piece[: _holding(piece, width)]
            piece = piece[len(lines[-1]) :]
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.rstrip() for line in lines if line.strip()]


def _holding(text: str, width: int) -> int:
    """Return how many signs of the text fit into so many columns, at least one."""
    found = 1
    while columns(text[: found + 1]) <= width:
        found += 1
    return found
