"""Texts that act if anything believes them: markup of 100 kinds, and names of 40."""

from __future__ import annotations

from itertools import product

WAYS_OUT = (
    "",
    '">',
    "'>",
    "</script>",
    "</style>",
    "</title>",
    "</svg>",
    "-->",
    "]]>",
    "\\u003c\\",
)
"""What could end the place where a text stands: nothing, an attribute, an element, a comment …"""

ACTS = (
    "<script>hit()</script>",
    "<img src=x onerror=hit()>",
    "<svg/onload=hit()>",
    "<a href=javascript:hit()>a",
    "<iframe src=//e.example>",
    "<link rel=stylesheet href=//e.example>",
    "<base href=//e.example/>",
    "<style>@import'//e.example'</style>",
    "' onfocus=hit() autofocus '",
    "\u2028{{hit()}}${hit()}\u2029&lt;b&gt;",
)
"""What would happen then: a script, an image that fails, a link, a page of somebody else's …"""

MARKUP = tuple("".join(parts) for parts in product(WAYS_OUT, ACTS))
"""100 payloads."""

NAMES = (
    *("<script>hit()</script>", '"><img src=x onerror=hit()>', "</title><svg/onload=hit()>"),
    *("../../../etc/passwd", "..\\..\\x", "/etc/passwd", "a/../../b", "C:\\x", "\\\\host\\share"),
    *("=cmd()", "+1+cmd()", "-1+cmd()", "@SUM(A1)", '=HYPERLINK("//e.example")', "\t=1+1"),
    *("\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\x9b31m", "a\rb", "a\nerror: b", "a\x08b"),
    *("\u202egnp.exe", "\u2066a\u2069", "a\u2028b", "a\u2029b", "\ufeffa", "a\u200bb"),
    *("%2e%2e%2f", "%s%n", "{0.__class__}", "{name}", "${PATH}", "$(id)", "`id`", "; rm -rf x"),
    *("--help", "-o x", "CON", "x" * 10_000, "\U0001f469\u200d\U0001f52c é e\u0301 日本 עברית"),
)
"""40 names."""
