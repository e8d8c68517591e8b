"""Words as HTML: what a sentence of ours sets in backticks, a command or an option, is code.

Eats `Words`. Makes `Markup` in which every text is escaped.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from hikaku.present.report import Words, spoken
from hikaku.words import Message

QUOTED = re.compile("`([^`]+)`")
KEPT = "\ue000"
"""Stands for a backtick of a name until code is marked: no name can begin or end any."""


def marked(what: Words, language: str) -> Markup:
    """Return the text in this language, escaped, with `code` elements for its own backticks.

    Those of texts that are filled in, such as names of arms, are shown as they are.

    >>> marked(Message("see `{path}`", (("path", "<a`b>"),)), "en")
    Markup('see <code>&lt;a`b&gt;</code>')
    """
    if isinstance(what, str):
        return escape(spoken(what, language))
    text = str(escape(spoken(_kept(what), language)))
    return Markup(QUOTED.sub(r"<code>\1</code>", text).replace(KEPT, "`"))


def _kept(what: Message) -> Message:
    """Return the message with every backtick in its values, however deep, out of reach."""
    return Message(what.id, tuple((name, _out_of_reach(value)) for name, value in what.values))


def _out_of_reach(value: object) -> object:
    if isinstance(value, Message):
        return _kept(value)
    return value.replace("`", KEPT) if isinstance(value, str) else value
