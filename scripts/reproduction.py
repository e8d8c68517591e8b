"""Write docs/reproduction.md: every published claim beside what the studies of a store measured.

`python scripts/reproduction.py` reads `.hikaku/store.db`, or `--store FILE`, and trains nothing;
with `--run` it first trains what is missing there, all studies or those that are named.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from hikaku.analysis.claims import Judged
from hikaku.analysis.contrasts import Contrast
from hikaku.analysis.numbers import effect_texts, plain, signed
from hikaku.analysis.summary import summarize
from hikaku.present.claims import RESOLVED, claims_report
from hikaku.present.report import Chart, Table, spoken
from hikaku.present.sections import curves
from hikaku.present.still import png
from hikaku.read.claims import Read, claims
from hikaku.study.claims import OURS
from hikaku.study.decode import load
from hikaku.study.gallery import gallery
from hikaku.study.places import DEFAULT_STORE
from hikaku.study.published import Experiment, published

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reproduction.md"
PARTS: dict[str, tuple[str, ...]] = {
    # A twentieth of the images in a twentieth of the batch: as many updates as its source made.
    "cifar10-techniques": ("data.train=2000", "data.validation=2000", "recipe.batch_size=50"),
    "alexnet": ("data.train=5000", "recipe.epochs=5"),
    "penalty-place": (
        "data.train=3000", "recipe.epochs=5", "recipe.batch_size=64",
        'recipe.evaluate_every="5 epochs"',
    ),
    "normalisation-layers": ("data.train=3000", "recipe.epochs=6", "recipe.batch_size=64"),
    "lenet-dropout": ("data.train=4000", "data.validation=2000", "recipe.epochs=100"),
    "lenet-dropout-300": ("data.train=4000", "data.validation=2000"),
    "cifar10-optimizers": (
        "data.train=2000", "data.validation=2000", "recipe.batch_size=50", "recipe.epochs=10",
    ),
    "cifar10-learning-rates": (
        "data.train=2000", "data.validation=2000", "recipe.batch_size=50", "recipe.epochs=10",
    ),
}  # fmt: skip  # a table
"""What was run of studies that two cores cannot train whole: their settings on the page."""
PICTURES = PAGE.parent / "pictures"
DRAWN = {"batch-norm-scale": "train accuracy at 16 scales of the first weights, 5 seeds"}
"""Studies whose curves are drawn on the page, and what is seen."""
NO_CLAIM = "No source claims anything of it."
FEW = 3
"""So many comparisons of a claim are told one by one."""

HEAD = """\
# The published experiments, redone

`make reproduction` writes this page from a store of finished studies. How a claim gets its verdict,
and what a published gap is made of, stands in [Claims](learn/claims.md). A published figure is one
run.
"""


@dataclass(frozen=True)
class Redone:
    """A study of the gallery, what became of its claims, and what its trials cost."""

    name: str
    read: Read

    @property
    def trials(self) -> int:
        """How many trials it has; none before all that it wants have ended."""
        study, ended = self.read.study, len(self.read.results.trials)
        whole = 1 if study.auto else len(study.arms) * len(study.seeds)
        return ended if ended >= whole else 0

    @property
    def minutes(self) -> float:
        """Minutes of training, all its trials together, each on the thread that it had."""
        ends = (one.outcome.cost for one in self.read.results.trials.values())
        return sum(cost.get("seconds", 0.0) for cost in ends) / 60

    @property
    def ways(self) -> str:
        """How its trials were computed."""
        found = {one.outcome.arithmetic for one in self.read.results.trials.values()}
        return "; ".join(sorted(found)) or "nothing yet"


def redone(store: str) -> tuple[Redone, ...]:
    """Return every study of the gallery, as this store has it."""
    studies = {name: load(path, PARTS.get(name, ())) for name, path in gallery().items()}
    return tuple(Redone(name, claims(study, store)) for name, study in studies.items())


def page(found: Sequence[Redone], experiments: Sequence[Experiment]) -> str:
    """Return the whole page."""
    return "\n".join(
        (
            HEAD,
            *_counts(found),
            *_plainly(found),
            *(line for one in found for line in _section(one)),
            *_places(experiments),
        )
    )


def _counts(found: Sequence[Redone]) -> Iterator[str]:
    every = [(study, one) for study in found for one in study.read.judged]
    run = [one for study, one in every if study.trials]
    ours = [one for one in run if one.claim.source == OURS]
    published = [one for one in run if one.claim.source != OURS]
    yield f"{len(published)} published claims of the studies that have run: {_told(published)}.\n"
    yield f"{len(ours)} claims of our own beside them, marked so: {_told(ours)}.\n"
    waiting = [f"`{study.name}`" for study in found if not study.trials]
    if waiting:
        left = len(every) - len(run)
        told = f"{left} claims wait for studies that have not run" if left else "Not run yet"
        yield f"{told}: {', '.join(waiting)}.\n"


def _told(judged: Sequence[Judged]) -> str:
    counted = Counter(one.verdict for one in judged)
    return ", ".join(f"{counted[verdict]} {word}" for verdict, word in RESOLVED.items())


def _plainly(found: Sequence[Redone]) -> Iterator[str]:
    """Yield what does not hold, and what holds by the source's way of measuring alone."""
    every = [(study.name, one) for study in found for one in study.read.judged]
    lists = {
        "What does not hold": [(name, one) for name, one in every if one.verdict == "contradicted"],
        "What holds only as the source measured it": [
            (name, one)
            for name, one in every
            if one.by_convention == "reproduced" and one.verdict != "reproduced"
        ],
    }
    for heading, listed in lists.items():
        yield f"## {heading}\n"
        yield from (f"- {_text(one)} (`{name}`)" for name, one in listed)
        yield "" if listed else "Nothing of what has run.\n"


def words_of(name: str) -> str:
    """Return how a study is named on a command line, with the part of it that is run."""
    return " ".join([name, *(f"--set {shlex.quote(one)}" for one in PARTS.get(name, ()))])


def train(names: Sequence[str], store: str) -> None:
    """Train what is missing of these studies, or of all that make claims."""
    for name in names or [name for name, path in gallery().items() if load(path).claims]:
        words = shlex.split(words_of(name))
        command = [sys.executable, "-m", "hikaku", "run", *words, "--store", store]
        print(f"hikaku run {words_of(name)}", flush=True)
        subprocess.run([*command, "--quiet"], check=True)


def drawn(name: str, store: str, file: Path) -> None:
    """Draw the learning curves of a study's judged metric; nothing where none has run."""
    study = load(gallery()[name])
    results = claims(study, store).results
    for chart in curves(study, results, summarize(study, results)):
        if isinstance(chart, Chart) and str(study.metric.name) in spoken(chart.title, "en"):
            png(chart, file, "en")
            # A few colours: as good to look at, and a fifth of the size.
            Image.open(file).convert("RGB").quantize(64).save(file, optimize=True)


def _section(one: Redone) -> Iterator[str]:
    study = one.read.study
    yield f"## `{one.name}`\n"
    yield f"{study.question}\n"
    words = words_of(one.name)
    then = f", then `hikaku claims {words}`" if study.claims else ""
    yield f"`hikaku run {words}`{then}\n"
    if one.name in PARTS:
        levels = (
            ": levels cannot be compared, and a claim that hangs on the size of the data or the "
            "length of the training is judged for this size alone"
        )
        yield f"On a part of it, so that two cores are enough{levels if study.claims else ''}.\n"
    if not one.trials:
        yield f"{_waiting(one)}\n"
        return
    yield (
        f"{len(study.seeds)} seeds, {one.trials} trials, {plain(one.minutes, 1)} minutes of "
        f"training in all; {one.ways}.\n"
    )
    if one.name in DRAWN:
        yield f"![{DRAWN[one.name]}](pictures/{one.name}.png)\n"
    if not one.read.judged:
        yield f"{NO_CLAIM} `hikaku report {words}` shows what came of it.\n"
        return
    yield from _claims(one.read.judged)
    for block in claims_report(study, one.read.judged).blocks:
        if isinstance(block, Table):
            yield from _table(block)


def _claims(judged: Sequence[Judged]) -> Iterator[str]:
    yield "| claim | published | measured | verdict |"
    yield "|---|---|---|---|"
    for one in judged:
        published, measured = _published(one), _measured(one)
        verdict = str(RESOLVED[one.verdict])
        if one.by_convention not in (None, one.verdict):
            verdict += f"; as the source measured: {RESOLVED[one.by_convention]}"
        if one.why:
            verdict += f" ({one.why})"
        yield f"| {_text(one)} | {published} | {measured} | {verdict} |"
    yield ""


def _text(one: Judged) -> str:
    return f"{one.claim.text} (ours)" if one.claim.source == OURS else one.claim.text


def _waiting(one: Redone) -> str:
    """Return what is said of a study that has not run."""
    count = len(one.read.judged)
    return f"Not run yet: {count} claims wait." if count else f"Not run yet. {NO_CLAIM}"


def _published(one: Judged) -> str:
    if one.lenses:
        return ", ".join(f"{signed(lens.published, 3)}" for lens in one.lenses)
    figures = sum(len(values) for _, values in one.claim.published)
    return f"{figures} figures" if figures else "in words"


def _measured(one: Judged) -> str:
    """Return the effects of a claim's few contrasts, or how many of many hold."""
    if one.claim.kind == "level":
        return f"{sum(level.inside for level in one.levels)} inside" if one.levels else "–"
    if len(one.contrasts) > FEW:
        holding = sum(contrast.holds for contrast in one.contrasts)
        return f"{holding} of {len(one.contrasts)} hold"
    return "; ".join(map(_effect, one.contrasts)) or "–"


def _effect(found: Contrast) -> str:
    mean, low, high = effect_texts(found.pairs.mean, found.interval.low, found.interval.high)
    return f"{found.name}: {mean} [{low}, {high}] in {found.figure}"


def _table(table: Table) -> Iterator[str]:
    yield f"{spoken(table.caption, 'en')}:\n"
    yield f"| {' | '.join(spoken(column.title, 'en') for column in table.columns)} |"
    yield f"|{'---|' * len(table.columns)}"
    for row in table.rows:
        yield f"| {' | '.join(spoken(cell.text, 'en') for cell in row)} |"
    yield ""


def _places(experiments: Sequence[Experiment]) -> Iterator[str]:
    yield "## Where each published experiment is redone\n"
    yield "| experiment | what | where |"
    yield "|---|---|---|"
    for one in experiments:
        runs = [f"`hikaku run {name}`" for name in one.studies]
        shows = [f"`{line}`" for line in one.shows]
        answers = [f"[{Path(page).stem}]({page.removeprefix('docs/')})" for page in one.answers]
        places = ", ".join([*runs, *shows, *answers]) or one.later
        yield f"| {one.id} | {one.text} | {places} |"
    yield ""


def main() -> None:
    """Write the page."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--store", default=DEFAULT_STORE)
    asked.add_argument("--run", nargs="*", metavar="STUDY", help="train first; all where none")
    given = asked.parse_args()
    if given.run is not None:
        train(given.run, given.store)
    text = page(redone(given.store), published())
    for name in DRAWN:
        drawn(name, given.store, PICTURES / f"{name}.png")
    PAGE.write_text(text, encoding="utf-8")
    print(f"written: {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
