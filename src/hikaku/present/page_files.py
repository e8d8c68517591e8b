"""The files that pages are made of: templates, styles and scripts, of reports and the dashboard."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import jinja2

from hikaku.present.thumbnail import address, tile_size


@cache
def template(name: str) -> jinja2.Template:
    """Return the template of this name, in which every text is escaped."""
    loader = jinja2.PackageLoader("hikaku.present", "page")
    # Everything is escaped; what is markup already comes as Markup from whoever renders.
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.globals |= {"address": address, "tile_size": tile_size}
    return environment.get_template(name)


@cache
def source(name: str) -> str:
    """Return the text of a file that pages are made of."""
    return files("hikaku.present").joinpath("page", name).read_text(encoding="utf-8")
