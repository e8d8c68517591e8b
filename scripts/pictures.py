"""Draw the pictures of the README again, from a store in which the study `digits` is finished.

`docs/pictures/terminal.svg` is what a terminal shows of the verdicts; `docs/pictures/report.png`
is the upper part of the report, as Chromium shows it. Neither asks the network for anything.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.text import Text as Line

from hikaku import api
from hikaku.present.build import report, tables
from hikaku.present.html import page
from hikaku.present.report import Report, Table, Text
from hikaku.present.terminal import WIDTH, render
from hikaku.study.places import DEFAULT_STORE

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
STUDY = "digits"
REPORT_SIZE = (1000, 1180)
"""Width and height of the upper part of the report, in pixels."""

FORMAT = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
    font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace;
    font-size: {char_height}px;
    line-height: {line_height}px;
    font-variant-east-asian: full-width;
}}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""Rich's own format but for its fonts, which it would fetch; here the reader's own serve."""


def terminal(answer: api.Answer) -> str:
    """Return an SVG picture of the verdicts in a terminal of 80 columns."""
    whole = tables(answer.study, answer.results, answer.findings)
    written = StringIO()
    colours = Console(file=written, width=WIDTH, force_terminal=True, color_system="standard")
    # The table of verdicts is the last one; what is said of each of them would fill the page.
    last = max(place for place, block in enumerate(whole.blocks) if isinstance(block, Table))
    shown = [block for block in whole.blocks[last:] if isinstance(block, (Table, Text))]
    render(Report(tuple(shown)), colours)
    recorded = Console(file=StringIO(), width=WIDTH, record=True, highlight=False)
    recorded.print(f"$ hikaku run {STUDY}\n", style="bright_black")
    recorded.print(Line.from_ansi(written.getvalue()))
    return recorded.export_svg(title="hikaku", code_format=FORMAT, unique_id="hikaku")


def photograph(answer: api.Answer, target: Path) -> None:
    """Write a picture of the upper part of the report."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if not browser:
        sys.exit("scripts/pictures.py needs Chromium or Chrome")
    width, height = REPORT_SIZE
    with TemporaryDirectory() as folder, sync_playwright() as driver:
        file = Path(folder, "report.html")
        file.write_text(page(report(answer.study, answer.results, answer.findings)), "utf-8")
        chromium = driver.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        seen = chromium.new_page(viewport={"width": width, "height": height}, color_scheme="light")
        seen.goto(file.as_uri())
        seen.wait_for_selector("figure .vega-embed svg")
        seen.screenshot(path=target)
        chromium.close()


if __name__ == "__main__":
    reader = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    reader.add_argument("--store", default=DEFAULT_STORE, help=f"where {STUDY} is finished")
    found = api.results(STUDY, store=reader.parse_args().store)
    if not found.findings or any(finding.unfinished for finding in found.findings):
        sys.exit(f"this store does not hold the whole study: hikaku run {STUDY}")
    PICTURES.mkdir(parents=True, exist_ok=True)
    (PICTURES / "terminal.svg").write_text(terminal(found), encoding="utf-8")
    photograph(found, PICTURES / "report.png")
