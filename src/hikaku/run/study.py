"""`run`: from a study to stored results, training what is not trained yet, and its findings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, field, replace
from threading import Event

from hikaku.analysis.course import Course
from hikaku.analysis.finding import Finding
from hikaku.analysis.verdict import compare, courses
from hikaku.execution.asked_cadence import asked_seconds
from hikaku.execution.choose_pool import at_once, pool_for, why_here
from hikaku.execution.dispatch import dispatch
from hikaku.execution.happenings import Ended
from hikaku.execution.inline import Here
from hikaku.execution.job import AnyJob
from hikaku.execution.orders import Pool, Progress, Saved, Unsaved, Word
from hikaku.execution.plan import Plan, plan
from hikaku.present.watcher import Watcher
from hikaku.record import Measured, Results
from hikaku.run.allocate import Allocation, Place, left, measured
from hikaku.run.beacon import Beacon
from hikaku.run.choose import Chooser, why_precision
from hikaku.run.equalize import equalize
from hikaku.run.foretell import spent, too_little
from hikaku.run.handing import AsWanted
from hikaku.run.identify import Identified, identify
from hikaku.run.keeping import Pruner, lacking
from hikaku.run.purse import Purse
from hikaku.run.saved import keep, save
from hikaku.run.seeds import first_seed
from hikaku.run.stopping import stopping
from hikaku.run.try_arms import try_arms
from hikaku.run.watch import decided, judged_again, left_out, tell
from hikaku.store.store import Store
from hikaku.study.budget import starting_at
from hikaku.study.study import FEWEST, Engine, Study, Training
from hikaku.words import message

NextKeys = Callable[[], Sequence[str]]
"""The trials that go out next, as one stack; none where there are none for now."""
Hear = Callable[[str, int, Measured], None]


@dataclass(frozen=True)
class Ran:
    """What a run came to: everything that the store now says of the study, and counts of trials.

    `trained` does not count those that failed.
    """

    study: Study
    results: Results
    findings: tuple[Finding, ...]
    trained: int
    reused: int


def run(
    study: Study,
    store: str,
    watch: Watcher,
    *,
    workers: int | None = None,
    wait: bool = True,
    fresh: bool = False,
    engine: Engine = "auto",
) -> Ran:
    """Train the trials of the study that the store does not hold, and return what it all says.

    With fixed seeds that is every trial; with automatic ones each comparison goes on until it is
    decided or its seeds end. The study's budget ends both. `workers` is the number of processes,
    one per core by default. With `wait`, a store that another run is writing to is waited for;
    without, `StoreBusy` is raised. `fresh` starts on seeds at which nothing was ever looked at.
    `engine` is by default the one that the rule finds for base's shapes (`execution/rule.py`).
    Whatever interrupts it, finished trials stay in the store, and the others go on where they were
    last saved; a signal to end is obeyed as soon as they are. Raises `StudyError` before anything
    trains where an arm cannot be built, `EnvironmentFault` where the environment asks for nonsense.
    """
    asked_seconds()
    study = equalize(study, store, watch, wait=wait)
    most = at_once(study, workers)
    with Store.reading(store) as seen:
        first, logs = first_seed(study, seen, fresh=fresh), seen.address.logs

    stop = Event()

    def told(word: Word) -> None:
        # Only a trial of this very process says so, and only once the store below is open.
        if isinstance(word, Saved):
            save(kept, word.checkpoint)
        elif isinstance(word, Progress | Unsaved):
            tell(watch, word, known)
            beacon.hear(word)

    with closing(pool_for(study, 0, told, logs, stop)) as pool:
        chooser = Chooser(store, pool, most, engine)
        known = identify(starting_at(study, first), watch, chooser)
        known = replace(known, surveys=chooser.found)
        with Store.reading(store) as seen:
            lacks = lacking(known.study, known.fingerprints, seen)
            done = seen.finished(known.trials) - lacks
            todo = left(known, measured(known, seen), done, most)
        for reason in (*why_here(study), *why_precision(known)) if todo.trials else ():
            watch.note(reason)
        # Workers come first: a process forked while the store is open would hold its lock.
        pool.grow(min(most, len(todo.trials)))
        with (
            Store.writing(store, wait=wait, notify=watch.note) as kept,
            closing(Beacon(kept.address.live, kept.seen(study.folder), known)) as beacon,
        ):
            chooser.keep(kept)
            pruner, purse = Pruner(known.study, kept.make_room()), Purse(known.study, kept)
            ran = _Run(known, kept, pool, most, watch, beacon, pruner, purse, stop)
            return ran.whole(first)


@dataclass
class _Run:
    """One run, with everything that it uses open."""

    known: Identified
    kept: Store
    pool: Pool
    workers: int
    watch: Watcher
    beacon: Beacon
    pruner: Pruner
    purse: Purse
    stop: Event
    bound: set[str] = field(default_factory=set)
    told: dict[str, tuple[int, float]] = field(default_factory=dict)

    def whole(self, first: int) -> Ran:
        """Train what is to be trained, and return what the store says then."""
        known, watch = self.known, self.watch
        # While this run waited, another may have trained some of it, or have forgotten some.
        lacks = self._lacking()
        done = self.kept.finished(known.trials) - lacks
        there = measured(known, self.kept)
        todo = left(known, there, done, self.workers)
        there = _without(there, {known.names(key) for key, _ in todo.trials})
        if not known.study.auto and len(todo.trials) + len(done) < len(known.trials):
            watch.note(left_out(len(known.trials) - len(todo.trials) - len(done)))
        self.pool.grow(min(self.workers, len(todo.trials)))
        if todo.trials:
            self._foretell(todo, there)
        if todo.trials and not self.purse.is_empty() and not known.study.outside:
            watch.note(message("trying every arm on two batches ..."))
            try_arms(known, todo, self.pool)
        planned = self.kept.plan(known.study, known.fingerprints, known.keys, known.sources, first)
        for again in planned.again:
            watch.note(again.sentence)
        if saved := self.kept.saved().intersection(key for key, _ in todo.trials):
            watch.note(message("{n} trials go on where they were saved", n=len(saved)))
        if known.study.auto and known.study.compared:
            self._allocate(todo, there)
        else:
            self._train(todo, _in_turn(todo), there)
        # Only now is it known which seed of an arm is best; it may be one that lacks its file.
        lacks = self._lacking(lacks | {key for key, _ in todo.trials})
        if lacks:
            late = {key: known.trials[key] for key in known.trials if key in lacks}
            rest = plan(late, (), known.group, self.workers)
            self.pool.grow(min(self.workers, len(rest.trials)))
            self._train(rest, _in_turn(rest), there)
        if self.purse.is_empty():
            watch.note(self.purse.sentence)
        return self._concluded(todo)

    def _foretell(self, todo: Plan, there: Results) -> None:
        bill = self.kept.bill(self.known.study)
        # Where nothing is left, the end of the run says so.
        told = spent(self.known.study, bill) if bill.trials and not self.purse.is_empty() else ()
        for said in (*told, *too_little(self.known, todo, there, bill)):
            self.watch.note(said)

    def _lacking(self, tried: frozenset[str] = frozenset()) -> frozenset[str]:
        """Return the trials to train again for their weights; say so where there are any."""
        found = lacking(self.known.study, self.known.fingerprints, self.kept) - tried
        if found:
            self.watch.note(message("{n} trials again: their weights were not kept", n=len(found)))
        return found

    def _allocate(self, todo: Plan, there: Results) -> None:
        """Train what can still change a verdict, and bind each comparison as it is looked at."""
        known = self.known
        waiting = {known.names(key): key for key, _ in todo.trials}
        seeds = Allocation(known.study, there, waiting.keys())
        self._bind(seeds.courses)
        if todo.trials:
            self._tell_looks(seeds.courses)
        open_ones = {name for name, went in seeds.courses.items() if went.verdict == "undecided"}

        def begin() -> str | None:
            place = seeds.begin()
            return waiting[place] if place else None

        out = AsWanted(todo, begin)
        first = sum(seed in known.study.seeds[:FEWEST] for _, seed in waiting)

        def hear(arm: str, seed: int, measured: Measured) -> None:
            seeds.ended(arm, seed, measured)
            self._bind(seeds.courses)
            self._tell_looks(seeds.courses)
            for name, went in seeds.courses.items():
                if name in open_ones and went.verdict != "undecided":
                    open_ones.remove(name)
                    self.watch.note(decided(name, went, len(open_ones)))

        # At first every worker gets its share; later a seed more for each comparison still open.
        self._train(
            todo,
            lambda: out.next(
                -(-first // self.workers) if out.count < first else 1 + len(open_ones)
            ),
            there,
            hear,
        )

    def _train(
        self, todo: Plan, next_keys: NextKeys, there: Results, hear: Hear | None = None
    ) -> None:
        """Train these trials, and keep what each measured and the weights that are to stay."""
        known, place = self.known, str(self.kept.address.files)
        asked = replace(known.study, budget=self.purse.left)
        self.watch.planned(asked, todo, min(len(self.pool.all), len(todo.trials)), there)
        self.beacon.planned(asked, todo)

        def next_jobs() -> list[AnyJob]:
            keys = [] if self.purse.is_empty() else next_keys()[: self.purse.left.trials]
            for _ in keys:
                self.purse.begin()
            return [known.job(key, place) for key in keys]

        try:
            # A function of the user's in this very process hears a signal, and nothing else.
            deaf = known.study.outside and isinstance(self.pool, Here)
            with nullcontext() if deaf else stopping(self.stop):
                for happening in dispatch(next_jobs, self.pool, self.kept.checkpoints, self.stop):
                    keep(self.kept, happening)
                    tell(self.watch, happening, known)
                    self.beacon.hear(happening)
                    if isinstance(happening, Ended):
                        measured = happening.measured
                        arm, seed = known.names(measured.outcome.key)
                        self.purse.ended()
                        self.pruner.ended(arm, seed, measured)
                        if hear:
                            hear(arm, seed, measured)
        finally:
            self.purse.close()

    def _bind(self, found: Mapping[str, Course]) -> bool:
        """Remember what each comparison is bound to, from its first look on.

        Return whether there is a first look, and none is judged again: who comes later is not told.
        """
        known, first, again = self.known, False, False
        against = {arm.name: known.fingerprints[arm.against] for arm in known.study.compared}
        for name, went in found.items():
            if went.is_look and name not in self.bound:
                self.bound.add(name)
                variant, judged = known.fingerprints[name], known.study.metric.judged
                before = went.rule.bound
                first |= before is None
                if before and before.family and before.family < went.rule.family:
                    again = True
                    self.watch.note(judged_again(name, went))
                self.kept.spend(against[name], variant, judged, went.spent)
        return first and not again

    def _tell_looks(self, found: Mapping[str, Course]) -> None:
        """Tell of each comparison that stands otherwise than it did when it was last told."""
        for name, went in found.items():
            if went.is_look and self.told.get(name) != (stands := (len(went.judged), went.alpha)):
                self.told[name] = stands
                self.watch.looked(name, went)

    def _concluded(self, todo: Plan) -> Ran:
        """Return what the store now says, and remember which verdicts it showed."""
        study = self.known.study
        results = self.kept.results(study, self.known.fingerprints)
        if self._bind(courses(study, results)):
            # With these looks, as all who come later read them: they are shown the very same.
            results = self.kept.results(study, self.known.fingerprints)
        findings = compare(study, results)
        self.pruner.concluded(results)
        if isinstance(study.base, Training) and results.trials:
            # Readers of data are many, and a study of outside arms needs none of them.
            from hikaku.run.exhibits import exhibited

            results = exhibited(self.known, results, self.kept, self.watch)
        trained = self.kept.finished(key for key, _ in todo.trials)
        return Ran(study, results, findings, len(trained), todo.reused)


def _without(there: Results, lacking: Collection[Place]) -> Results:
    """Return what is there but for trials to train again, such as those that lack their weights."""
    trials = {place: one for place, one in there.trials.items() if place not in lacking}
    return replace(there, trials=trials)


def _in_turn(todo: Plan) -> NextKeys:
    stacks = iter(todo.stacks)
    return lambda: next(stacks, ())
