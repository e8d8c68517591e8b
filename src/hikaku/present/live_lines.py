"""The lines of a run's table in a terminal: how wide its columns are, and what stands in them.

Eats a `Watched` or a `Board` and the size of the window. Makes lines that are never wider than it,
wide letters counted as two. Where it is narrow, the interval goes first, then the curve, then the
value; a trial's cell and the sign of a verdict stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

from hikaku.present.board import SIGNS, Board, Room, Row, Sight, sights
from hikaku.present.report import Words, spoken
from hikaku.present.terminal import STYLES
from hikaku.present.watched import Watched
from hikaku.study.metric_words import figure_words, metric_words
from hikaku.words import message

GAP = 2
WIDEST = 120
SPARE = 3
"""Lines of the window that are left to what stands above the table."""

SEEDS = message("seeds")
VALUE = 8
SIGHT = 29
"""What a usual effect takes, with its sign, its seeds and its interval; kept free from the start,
so that nothing moves when it comes."""

NARROW = (8, 6, 6)
"""The least that name, cells and curve take, where there is that much to show."""
NORMAL = (16, 10, 10)
WIDE = (30, 40, 16)
BAR = 20
ECHO = len("^C")
"""What the terminal itself writes behind the last line when somebody ends the run."""

STATES = {"running": "bold cyan", "waiting": "dim", "diverged": "magenta", "failed": "bold red"}


@dataclass(frozen=True)
class Shape:
    """How wide lines and columns are, 0 for a column that is left out, and how much fits."""

    width: int
    name: int
    marks: int
    value: int
    sight: int
    room: Room
    has_legend: bool

    @property
    def figure(self) -> int:
        """The width of a curve and the value at its end."""
        return self.room.curve + 1 + self.value if self.room.curve else self.value


def shape_of(run: Watched, width: int, height: int, language: str) -> Shape:
    """Return what fits into a window of this size."""
    width = min(width, WIDEST) - 1
    longest = max((cell_len(spoken(arm, language)) for arm in run.arms), default=1)
    seeds = len(run.study.seeds) if run.study else 1
    head = cell_len(spoken(SEEDS, language))
    most = (max(longest, 1), max(seeds, head), WIDE[2])
    widths = [min(least, ideal) for least, ideal in zip(NARROW, most, strict=True)]
    left = width - widths[0] - GAP - widths[1]
    sight = _sight_width(run)
    if sight + GAP > left:
        sight = min(sight, 1)
    left -= (sight + GAP) * bool(sight)
    value = VALUE * (left >= VALUE + GAP)
    left -= (value + GAP) * bool(value)
    widths[2] *= bool(value) and left > widths[2]
    left -= (widths[2] + 1) * bool(widths[2])
    for goal in (NORMAL, WIDE):
        for place in range(len(widths)):
            more = min(goal[place], most[place]) - widths[place] if widths[place] else 0
            more = max(0, min(more, left))
            widths[place] += more
            left -= more
    # Seeds that share a cell may leave room, which is the curve's then.
    cells = max(-(-seeds // -(-seeds // widths[1])), head)
    if widths[2]:
        widths[2] = min(WIDE[2], widths[2] + widths[1] - cells)
    widths[1] = cells
    rows, posts, has_legend = _down(run, height)
    room = Room(rows, widths[1], widths[2], posts)
    return Shape(width, widths[0], widths[1], value, sight, room, has_legend)


def _down(run: Watched, height: int) -> tuple[int, int, bool]:
    """Return how many arms and workers get a line, and whether there is a legend."""
    lines = max(height - SPARE, 4)
    has_legend = lines >= 9
    posts = min(lines // 5, max(1, len(run.tasks))) if has_legend else 0
    rows = lines - 2 - posts - has_legend
    rows -= len(run.arms) > rows  # the line that says what is folded
    return max(1, rows), posts, has_legend


def _sight_width(run: Watched) -> int:
    seen = [cell_len(_seen(sight)) for sight in sights(run)]
    is_auto = run.study is not None and run.study.auto
    return max([SIGHT, *seen]) if is_auto or seen else 0


def lines_of(board: Board, shape: Shape, language: str) -> Iterator[Text]:
    """Yield the lines of the table, from top to bottom."""
    yield _head(board, shape, language)
    for row in board.rows:
        yield _row(row, shape, language)
    if board.folded:
        yield _fitted(spoken(board.folded, language), shape.width, "dim")
    for post in board.posts:
        share = f" {post.share:4.0%}"
        width = shape.width - len(share)
        texts = [spoken(text, language) for text in post.texts]
        text = next((text for text in texts if cell_len(text) <= width), texts[-1])
        yield Text.assemble(_fitted(text, width, "dim"), share)
    yield _whole(board, shape, language)
    if shape.has_legend:
        yield _legend(board, shape, language)


def _head(board: Board, shape: Shape, language: str) -> Text:
    def said(*words: Words) -> Text:
        return Text(" ".join(spoken(word, language) for word in words), "dim")

    each = message("by {n} seeds", n=board.per_mark) if board.per_mark > 1 else SEEDS
    split, _, metric = board.figure.partition(" ")
    figure = said(figure_words(split, metric))
    fits = figure.cell_len <= shape.figure
    return _columns(
        shape,
        Text(""),
        said(each if said(each).cell_len <= shape.marks else f"×{board.per_mark}"),
        figure if fits else said(metric_words(metric)),
        said(message("effect so far")) if shape.sight > 1 else Text(""),
    )


def _row(row: Row, shape: Shape, language: str) -> Text:
    marks = Text.assemble(*((mark.glyph, STATES.get(mark.state, "")) for mark in row.marks))
    curve = f"{row.curve} " if shape.room.curve else ""
    figure = Text.assemble((curve, "dim"), row.value)
    seen = _seen(row.sight) if row.sight else ""
    style = STYLES[row.sight.verdict] if row.sight else ""
    return _columns(
        shape, Text(spoken(row.arm, language)), marks, figure, Text(seen[: shape.sight], style)
    )


def _columns(shape: Shape, name: Text, marks: Text, figure: Text, seen: Text) -> Text:
    """Return one line of four columns; one without a width is left out."""
    widths = (shape.name, shape.marks, shape.figure, shape.sight)
    found = zip((name, marks, figure, seen), widths, strict=True)
    kept = [_cut(text, width) for text, width in found if width]
    return Text(" " * GAP).join(kept)


def _seen(sight: Sight) -> str:
    """Return a look in a line: the sign of its verdict, the seeds, the effect, its interval."""
    return f"{SIGNS[sight.verdict]} {sight.seeds:>2} {sight.text}"


def _whole(board: Board, shape: Shape, language: str) -> Text:
    """Return how far the whole is: a bar, the trials that have ended, the times."""
    told = f"{board.count}  {spoken(board.times, language)}"
    bar = min(BAR, shape.width - cell_len(told) - GAP)
    if bar < 5:
        return _fitted(told, shape.width)
    full = round(board.share * bar)
    return Text.assemble(("━" * full, "green"), ("─" * (bar - full), "dim"), " " * GAP, told)


def _legend(board: Board, shape: Shape, language: str) -> Text:
    """Return what the letters mean; where not all fits, those that are plain go first."""
    told = [*board.states, *board.signs]
    parts = [f"{glyph} {spoken(words, language)}" for glyph, words in told]
    room = shape.width - ECHO
    while len(parts) > 1 and cell_len("  ".join(parts)) > room:
        parts.pop(0)
    line = _fitted("  ".join(parts), room, "dim")
    line.rstrip()
    return line


def _fitted(text: str, width: int, style: str = "") -> Text:
    return _cut(Text(text, style), width)


def _cut(text: Text, width: int) -> Text:
    """Return the text exactly this wide, its end cut off with an ellipsis where it is longer."""
    found = text.copy()
    found.truncate(width, overflow="ellipsis", pad=True)
    return found
