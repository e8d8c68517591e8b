"""A report as one HTML file that needs no network, today or in ten years.

Eats a `Report`. Makes a page with everything inside: style, charts as still pictures, their data,
and the script that lets them answer the pointer. The page's own policy forbids it to load
anything, to run or obey any script or style but those it was written with, and to evaluate text.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import altair
import vl_convert
from markupsafe import Markup

from hikaku import durable
from hikaku.data.fetch import cache_folder
from hikaku.errors import EnvironmentFault
from hikaku.present.blocks import needs
from hikaku.present.charts import draw
from hikaku.present.compact import packed, slim
from hikaku.present.page_files import source, template
from hikaku.present.report import Block, Chart, Heading, Report, spoken
from hikaku.present.same import mark
from hikaku.words import message, preferred_language

VEGA_LITE = ".".join(altair.SCHEMA_VERSION.split(".")[:2])
"""The version of Vega-Lite for which altair writes, as vl-convert names it."""

MOST_STILL = 1_000_000
"""So many bytes of still pictures a page holds; charts beyond need its script to be seen."""


ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}
"""Characters that could end a script element, or a line of script, as JSON writes them."""


@dataclass(frozen=True)
class Drawn:
    """A chart on the page: its still picture as SVG (may be empty) and its specification."""

    chart: Chart
    id: str
    still: Markup
    spec: Markup


Shown = tuple[str, Block | Drawn]
"""A block under the name that the templates know its kind by."""


COLOPHON = message(
    "Written by hikaku. Charts by Vega and Vega-Lite (BSD 3-clause licence, University of "
    "Washington Interactive Data Lab)."
)
CONTENTS, SKIP = message("Contents"), message("Skip to the sections")


def write(report: Report, path: Path, language: str | None = None) -> Path:
    """Write the page and return its path; folders that are missing are made.

    The file appears whole or not at all: an older one stays until the new one is complete.
    `language` is that of the environment unless given. Raises `EnvironmentFault` where the file
    cannot be written.
    """
    text = page(report, language or preferred_language())
    try:
        _put(text, path)
    except OSError as error:
        raise EnvironmentFault.of(
            message("the report cannot be written: {error}", error=error.strerror or str(error)),
            where=str(path),
            mend=message("name another file with -o, or make room"),
        ) from error
    return path


def _put(text: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    durable.write(path, text.encode())


def page(report: Report, language: str = "en") -> str:
    """Return the page as text: the same report gives the same text, byte for byte."""
    library, script, style = _library(), source("report.js"), source("report.css")
    titles = (block.text for block in report.blocks if isinstance(block, Heading))
    lead, sections = _parted(shown_blocks(_anchored(report.blocks), language))
    return template("report.html.j2").render(
        **needs(language),
        title=spoken(next(titles, "hikaku"), language),
        policy=_policy((library, script), style),
        mark=mark(report, language),
        style=Markup(style),
        library=Markup(library),
        script=Markup(script),
        lead=lead,
        sections=sections,
        colophon=COLOPHON,
        contents=CONTENTS,
        skip=SKIP,
    )


def anchor(heading: Heading) -> str:
    """Return the name by which links find this section: of the English text, in every language.

    >>> anchor(Heading(message("What {n} seeds cost")))
    'what-n-seeds-cost'
    """
    text = heading.text if isinstance(heading.text, str) else heading.text.id
    return heading.id or re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "section"


def _anchored(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield the blocks with a name of its own for each section."""
    taken: Counter[str] = Counter()
    for block in blocks:
        if not isinstance(block, Heading) or block.level == 1:
            yield block
            continue
        name = anchor(block)
        taken[name] += 1
        yield replace(block, id=name if taken[name] == 1 else f"{name}-{taken[name]}")


def _parted(shown: Iterable[Shown]) -> tuple[tuple[Shown, ...], tuple[tuple[Shown, ...], ...]]:
    """Return what stands before the first section, and each section, its heading first."""
    parts: list[list[Shown]] = [[]]
    for kind, block in shown:
        if isinstance(block, Heading) and block.level == 2:
            parts.append([])
        parts[-1].append((kind, block))
    lead, *sections = map(tuple, parts)
    return lead, tuple(sections)


def shown_blocks(blocks: Iterable[Block], language: str) -> Iterator[Shown]:
    """Yield each block under the name that the templates know its kind by; charts are drawn."""
    room, charts = MOST_STILL, 0
    for block in blocks:
        if not isinstance(block, Chart):
            yield type(block).__name__, block
            continue
        charts += 1
        drawn = _drawn(block, f"chart-{charts}", language, room)
        room -= len(drawn.still)
        yield "Drawn", drawn


def _drawn(chart: Chart, id: str, language: str, room: int) -> Drawn:
    spec = draw(chart.picture, language)
    still = slim(vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE), id)
    return Drawn(chart, id, Markup(still if len(still) <= room else ""), data(packed(spec)))


def data(value: dict[str, Any]) -> Markup:
    """Return JSON that can stand inside a script element, whatever texts are in it.

    >>> data({"name": "</script>"})
    Markup('{"name":"\\\\u003c/script\\\\u003e"}')
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(text.translate(ESCAPES))


def _policy(scripts: Iterable[str], style: str) -> str:
    # Vega sets styles of single elements by script, which a policy of hashes lets it do. Images
    # of samples stand in the page itself.
    return (
        f"default-src 'none'; script-src {_hashes(*scripts)}; style-src {_hashes(style)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hashes(*texts: str) -> str:
    digests = (hashlib.sha256(text.encode()).digest() for text in texts)
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


@cache
def _library() -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script.

    Bundling it takes seconds, so it is done once for each version and kept in the cache folder.
    """
    kept = cache_folder() / f"vega-{version('vl-convert-python')}-{VEGA_LITE}.js"
    with suppress(OSError):
        return kept.read_text(encoding="utf-8")
    bundle: str = vl_convert.javascript_bundle(
        "window.vegaEmbed = vegaEmbed;", vl_version=VEGA_LITE
    )
    # Inside a script element these two would end it, or begin what only an end tag ends.
    library = bundle.replace("</script", r"<\/script").replace("<!--", r"<\!--")
    with suppress(OSError):
        _put(library, kept)
    return library
