"""A picture whose texts are shapes, so that it looks alike wherever it is opened.

Eats SVG as Vega writes it. Makes SVG in which every text of our own letters is a path; a name with
other letters stays text, in fonts of the machine that shows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from hikaku.present.outlines import letters, path, width

SVG = "http://www.w3.org/2000/svg"
STARTS = {"start": 0.0, "middle": 0.5, "end": 1.0}
"""The share of a text that stands left of its place, by its anchor."""
OF_TEXT = ("text-anchor", "font-family", "font-size", "font-weight", "font-style", "x", "y")


def as_shapes(svg: str) -> str:
    """Return the picture with its texts as paths; each keeps its words as its `aria-label`."""
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    root = ElementTree.fromstring(svg)
    for parent in list(root.iter()):
        for place, child in enumerate(list(parent)):
            if child.tag == f"{{{SVG}}}text" and set("".join(child.itertext())) <= letters():
                parent[place] = _shape(child)
    return ElementTree.tostring(root, encoding="unicode")


def _shape(text: Element) -> Element:
    size = float(text.get("font-size", "12").removesuffix("px"))
    start = STARTS[text.get("text-anchor", "start")]
    outlines = (
        path(line, size, x - start * width(line, size), y) for line, x, y in _lines(text, size)
    )
    kept = {name: value for name, value in text.attrib.items() if name not in OF_TEXT}
    words = {"d": "".join(outlines), "aria-label": " ".join(text.itertext())}
    return Element(f"{{{SVG}}}path", kept | words)


def _lines(text: Element, size: float) -> Iterator[tuple[str, float, float]]:
    """Yield each line with the place where it is anchored."""
    x, y = float(text.get("x", 0)), float(text.get("y", 0))
    if text.text:
        yield text.text, x, y
    for line in text:
        x = float(line.get("x", x))
        y += float(line.get("dy", 0))
        yield "".join(line.itertext()), x, y
