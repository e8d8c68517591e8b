"""Draw the pictures of the README again: the study `digits` is trained once more, and looked at.

`docs/pictures/live.svg` is what a terminal shows on the way and `docs/pictures/dashboard.png` the
dashboard at the same moment, `docs/pictures/terminal.svg` the verdicts in a terminal, and
`docs/pictures/report.png` the upper part of the report. The pages are as Chromium shows them.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, sync_playwright
from rich.console import Console
from rich.text import Text as Line

from dashboard_figures import serving
from hikaku import api
from hikaku.present.board import board
from hikaku.present.build import report
from hikaku.present.html import page
from hikaku.present.live_lines import lines_of, shape_of
from hikaku.present.report import Report, Table, Text
from hikaku.present.tally import Planned
from hikaku.present.terminal import WIDTH, render
from hikaku.present.watched import Drawing
from hikaku.present.worded import tables
from hikaku.record import Measured, Results
from hikaku.run.study import run
from hikaku.study.decode import load
from hikaku.study.gallery import resolve
from hikaku.study.study import Study

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
STUDY = "digits"
REPORT_SIZE = (1000, 1180)
DASHBOARD_SIZE = (1000, 900)
"""Width and height of what is shown of a page, from its top, in pixels."""
ON_THE_WAY = 30
"""So many trials have ended when the run is looked at."""
HEIGHT = 24

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


class OnTheWay(Drawing):
    """Looks on as a terminal does, and once takes both pictures of a run that is on its way."""

    def __init__(self, dashboard: Page, link: str) -> None:
        super().__init__(time.monotonic)
        self.dashboard = dashboard
        self.link = link
        self.lines: list[Line] = []

    def planned(self, study: Study, plan: Planned, workers: int, there: Results) -> None:
        """Hear what there is to do."""
        self._run.planned(study, plan, there)

    def ended(self, arm: str, seed: int, measured: Measured) -> None:
        """Count it."""
        self._run.ended(arm, seed, measured)

    def tick(self) -> None:
        """Take the pictures where it is time: every worker is in the middle of a trial."""
        tally = self._run.tally
        under_way = [share for share in tally.running.values() if share > 0.3]
        if self.lines or tally.ended < ON_THE_WAY or len(under_way) < 2:
            return
        shape = shape_of(self._run, WIDTH, HEIGHT, "en")
        self.lines = list(lines_of(board(self._run, shape.room, ()), shape, "en"))
        self.dashboard.goto(self.link)
        self.dashboard.wait_for_selector("svg .mean")
        self.dashboard.screenshot(path=PICTURES / "dashboard.png")


def terminal(answer: api.Answer) -> str:
    """Return an SVG picture of the verdicts in a terminal of 80 columns."""
    whole = tables(answer.study, answer.results, answer.findings)
    written = StringIO()
    colours = Console(file=written, width=WIDTH, force_terminal=True, color_system="standard")
    # The table of verdicts is the last one; what is said of each of them would fill the page.
    last = max(place for place, block in enumerate(whole.blocks) if isinstance(block, Table))
    shown = [block for block in whole.blocks[last:] if isinstance(block, (Table, Text))]
    render(Report(tuple(shown)), colours)
    return _drawn(Line.from_ansi(written.getvalue()))


def _drawn(*lines: Line) -> str:
    recorded = Console(file=StringIO(), width=WIDTH, record=True, highlight=False)
    recorded.print(f"$ hikaku run {STUDY}\n", style="bright_black")
    for line in lines:
        recorded.print(line)
    return recorded.export_svg(title="hikaku", code_format=FORMAT, unique_id="hikaku")


def photograph(answer: api.Answer, seen: Page, folder: Path) -> None:
    """Write a picture of the upper part of the report."""
    file = folder / "report.html"
    file.write_text(page(report(answer.study, answer.results, answer.findings)), "utf-8")
    seen.goto(file.as_uri())
    seen.wait_for_selector("figure .vega-embed svg")
    seen.screenshot(path=PICTURES / "report.png")


@contextmanager
def browser() -> Iterator[Browser]:
    """Yield the Chromium that is installed."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if not found:
        sys.exit("scripts/pictures.py needs Chromium or Chrome")
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def opened(chromium: Browser, size: tuple[int, int]) -> Page:
    """Return an empty page of this size."""
    width, height = size
    return chromium.new_page(viewport={"width": width, "height": height}, color_scheme="light")


def main() -> None:
    """Train, and take all pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    study = load(resolve(STUDY))
    with TemporaryDirectory() as name, browser() as chromium:
        store = Path(name, "store.db")
        with serving(store) as (_, link):
            seen = opened(chromium, DASHBOARD_SIZE)
            seen.goto(link)
            watch = OnTheWay(seen, f"{link.partition('/enter')[0]}/study/1")
            ran = run(study, str(store), watch)
        answer = api.results(STUDY, store=store)
        photograph(answer, opened(chromium, REPORT_SIZE), Path(name))
    assert watch.lines, f"no moment after {ON_THE_WAY} of {ran.trained} trials was caught"
    (PICTURES / "live.svg").write_text(_drawn(*watch.lines), encoding="utf-8")
    (PICTURES / "terminal.svg").write_text(terminal(answer), encoding="utf-8")


if __name__ == "__main__":
    main()
