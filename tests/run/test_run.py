"""A run trains what the store does not hold, once, and says what it means."""

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from hikaku.errors import DataError, Paused, StudyError
from hikaku.execution.plan import Plan
from hikaku.present.build import report
from hikaku.present.same import mark
from hikaku.present.watcher import Watcher
from hikaku.read.results import known
from hikaku.record import Results
from hikaku.run.study import Ran, run
from hikaku.store.store import Store
from hikaku.study.decode import from_mapping
from hikaku.study.sources import fingerprints
from hikaku.study.study import Study
from hikaku.words import Message

pytestmark = pytest.mark.slow

BASE: dict[str, Any] = {
    "format": 1,
    "metric": "accuracy",
    "worth": 0.01,
    "seeds": 2,
    "model": {"use": "mlp", "hidden": [8]},
    "data": {"use": "digits", "train": 60, "validation": 30},
    "recipe": {"epochs": 2, "batch_size": 16, "optimizer": {"use": "sgd", "lr": 0.1}},
    "variant": [{"name": "adam", "optimizer": "adam"}],
}


TRYING = "trying every arm on two batches ..."
"""What every run that trains says first."""


class Quiet(Watcher):
    def __init__(self) -> None:
        self.notes: list[str] = []
        self.plans: list[Plan] = []

    def planned(self, study: Study, plan: Plan, workers: int, there: Results) -> None:
        self.plans.append(plan)

    def note(self, what: Message) -> None:
        if what.id != TRYING:
            self.notes.append(str(what))


def study(name: str = "tiny", folder: Path | str = ".", **changes: Any) -> Study:
    return from_mapping(BASE | changes, name=name, folder=folder)


@pytest.fixture
def store(tmp_path: Path) -> str:
    return str(tmp_path / "store.db")


def ran(asked: Study, store: str, watch: Quiet | None = None) -> Ran:
    return run(asked, store, watch or Quiet(), workers=2)


def values(found: Ran, arm: str) -> list[float]:
    return found.results.values(arm, "accuracy", "test", "last").tolist()


def test_a_second_run_trains_nothing_and_says_the_same(store: str) -> None:
    first, second = ran(study(), store), ran(study(), store)
    assert (first.trained, first.reused) == (4, 0)
    assert (second.trained, second.reused) == (0, 4)
    assert second.findings == first.findings
    again = known(study(), store)
    assert again.findings == first.findings
    assert {k: t.records for k, t in again.results.trials.items()} == {
        k: t.records for k, t in second.results.trials.items()
    }


def test_the_second_run_need_not_draw_the_page_of_the_first_again(store: str) -> None:
    first, second = ran(study(seeds=5), store), ran(study(seeds=5), store)
    made = (report(one.study, one.results, one.findings) for one in (first, second))
    assert len({mark(one, "en") for one in made}) == 1


def test_the_run_that_judges_a_variant_again_says_so_in_its_finding(store: str) -> None:
    ran(study(seeds=5), store)
    more = BASE["variant"] + [{"name": "tanh", "layers": ["tanh"]}]
    (again, _) = ran(study(seeds=5, variant=more), store).findings
    assert any("judged again" in str(caution) for caution in again.cautions)


def test_a_new_variant_trains_only_itself_and_base_is_shared_between_studies(store: str) -> None:
    first = ran(study(), store)
    more = BASE["variant"] + [{"name": "tanh", "layers": ["tanh"]}]
    assert (ran(study(variant=more), store).trained) == 2
    other = ran(study("another", variant=[{"name": "slow", "optimizer": "sgd"}]), store)
    assert (other.trained, other.reused) == (2, 2)
    assert values(other, "base") == values(first, "base")


def test_more_seeds_train_only_the_new_ones(store: str) -> None:
    ran(study(), store)
    found = ran(study(seeds=[0, 1, 5]), store)
    assert (found.trained, found.reused) == (2, 4)


def test_the_off_arm_is_really_trained_and_equals_base_bit_for_bit(store: str) -> None:
    off = study(variant=[{"name": "off", "layers": [{"use": "dropout", "p": 0.0}]}])
    marks = fingerprints(off)
    assert marks["off"] != marks["base"]
    found = ran(off, store)
    assert found.trained == 4
    for seed in off.seeds:
        arms = [found.results.trials[(arm, seed)] for arm in ("base", "off")]
        assert arms[0].records == arms[1].records
        assert arms[0].outcome.key != arms[1].outcome.key


@pytest.mark.fault("B16")
def test_an_edited_file_is_trained_again_and_the_run_says_why(store: str, tmp_path: Path) -> None:
    text = '''
"""Scale the gradients."""
from dataclasses import dataclass
from helper import FACTOR
from hikaku.study.card import Card

CARD = Card(slot="clip", family="test", claim="none", formula="g", paper="none", year=2026)


@dataclass(frozen=True)
class Scale:
    """Times a factor."""

    def clip(self, grads, params):
        return {name: value * FACTOR for name, value in grads.items()}
'''
    (tmp_path / "scale.py").write_text(text)
    (tmp_path / "helper.py").write_text("FACTOR = 2.0\n")
    (tmp_path / "unrelated.py").write_text("X = 1\n")
    asked = study(folder=tmp_path, variant=[{"name": "scaled", "clip": ["scale.py:Scale"]}])
    first = ran(asked, store)
    (tmp_path / "unrelated.py").write_text("X = 2\n")
    assert ran(asked, store).trained == 0
    (tmp_path / "helper.py").write_text("FACTOR = 0.1\n")
    watch = Quiet()
    again = ran(asked, store, watch)
    assert again.trained == 2
    assert watch.notes == ["2 trials again: helper.py changed"]
    assert values(again, "scaled") != values(first, "scaled")
    assert values(again, "base") == values(first, "base")


def test_a_technique_without_a_site_stops_the_study_before_anything_trains(store: str) -> None:
    wrong = study(
        variant=[
            {"name": "lost", "layers": [{"use": "dropout", "at": ["conv*"]}]},
            {"name": "lost too", "layers": [{"use": "tanh", "at": ["nowhere"]}]},
            {"name": "fine", "layers": ["tanh"]},
        ]
    )
    with pytest.raises(StudyError) as caught:
        ran(wrong, store)
    assert "(lost)" in str(caught.value) and "(lost too)" in str(caught.value)
    assert not known(wrong, store).results.trials


def test_a_stopping_rule_that_watches_what_is_not_measured_is_refused(store: str) -> None:
    with pytest.raises(StudyError, match="validation loss"):
        ran(
            study(
                data={"use": "digits", "train": 60, "validation": 0, "test": 500},
                variant=[{"name": "early", "stopping": "early-stopping"}],
            ),
            store,
        )


@pytest.mark.fault("C1")
def test_an_arm_that_diverges_is_unstable_and_never_plainly_helps(store: str) -> None:
    wild = study(seeds=6, variant=[{"name": "wild", "optimizer": {"use": "sgd", "lr": 1e38}}])
    found = ran(wild, store)
    assert {found.results.outcome("wild", seed).status for seed in wild.seeds} == {"diverged"}
    assert found.findings[0].verdict == "unstable"
    assert found.findings[0].by == "divergence"
    assert ran(wild, store).trained == 0


def test_seeds_added_after_a_verdict_was_shown_change_nothing(store: str) -> None:
    (five,) = ran(study(seeds=5), store).findings
    (six,) = ran(study(seeds=6), store).findings
    assert (six.seeds, six.effect, six.verdict) == (five.seeds, five.effect, five.verdict)
    said = "a verdict was shown for 5 seeds, and no later seed can change it"
    assert [said in str(caution) for caution in six.cautions].count(True) == 1
    assert not any(said in str(caution) for caution in five.cautions)


def test_what_is_measured_is_complete_and_belongs_together(store: str) -> None:
    found = ran(study(), store)
    measured = found.results.trials[("base", 0)]
    outcome = measured.outcome
    last = {(r.split, r.metric): r.value for r in measured.records if r.reading == "last"}
    confusion = found.results.sheet("base", 0, "confusion")
    correct = found.results.sheet("base", 0, "correct")
    assert outcome.samples == (60, 30, 1707)
    assert confusion is not None and correct is not None
    assert confusion.sum() == len(correct) == 1707
    assert confusion.trace() / 1707 == correct.mean() == last["test", "accuracy"]
    assert {metric for _, metric in last} == {
        "loss",
        "accuracy",
        "balanced-accuracy",
        "f1-macro",
        "top-5",
        "auroc",
    }
    steps, losses = found.results.curve("base", 0, "loss", "validation")
    assert steps.tolist() == [4, 8] and losses[-1] == last["validation", "loss"]
    assert {r.split for r in measured.records if r.reading == "running"} == {"train"}
    assert outcome.parameters == 64 * 8 + 8 + 8 * 10 + 10
    assert outcome.cost["seconds"] > 0 and outcome.cost["peak_mib"] > 50


def test_another_question_about_the_same_trials_trains_nothing(store: str) -> None:
    ran(study(), store)
    for metric in (
        "train loss",
        "validation f1-macro",
        {"name": "auroc", "of": "best"},
        {"name": "accuracy", "split": "validation", "of": "area"},
    ):
        assert ran(study(metric=metric), store).trained == 0


def test_a_metric_of_ones_own_is_measured_and_judged(store: str, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(
        "import numpy as np\n\n\ndef miss(answers, targets):\n"
        "    assert answers.shape == (len(targets), 10) and abs(answers.sum(1) - 1).max() < 1e-6\n"
        "    return (answers.argmax(1) != targets).mean()\n"
    )
    asked = study(folder=tmp_path, metric={"name": "own.py:miss", "better": "lower"})
    found = ran(asked, store)
    own = found.results.values("base", "own.py:miss", "test", "last")
    assert own.tolist() == pytest.approx([1 - value for value in values(found, "base")])


OWN = """
'''A clip that scales by what the file beside it says.'''
from dataclasses import dataclass

from helper import FACTOR
from hikaku.study.card import Card

CARD = Card(slot="clip", family="test", claim="none", formula="g", paper="none", year=2026)


@dataclass(frozen=True)
class Scale:
    '''Times a factor; a helper is imported only when it is needed.'''

    def clip(self, grads, params):
        from later import MORE
        return {name: value * FACTOR * MORE for name, value in grads.items()}
"""


def own_files(folder: Path, factor: float) -> None:
    folder.mkdir()
    (folder / "scale.py").write_text(OWN)
    (folder / "helper.py").write_text(f"FACTOR = {factor}\n")
    (folder / "later.py").write_text("MORE = 1.0\n")


def test_files_of_one_name_in_two_folders_do_not_meet(tmp_path: Path) -> None:
    own_files(tmp_path / "v1", 0.0)
    own_files(tmp_path / "v2", 1.0)
    variants = [{"name": name, "clip": [f"{name}/scale.py:Scale"]} for name in ("v1", "v2")]
    asked = study(folder=tmp_path, variant=variants)
    found = [
        run(asked, str(tmp_path / f"{count}.db"), Quiet(), workers=count) for count in (1, 2, 3)
    ]
    for arm in ("base", "v1", "v2"):
        assert values(found[0], arm) == values(found[1], arm) == values(found[2], arm)
    assert values(found[0], "v2") == values(found[0], "base")
    assert values(found[0], "v1") != values(found[0], "base")


def test_helpers_outside_the_studys_folder_belong_to_the_key(tmp_path: Path) -> None:
    own_files(tmp_path / "lib", 0.5)
    (tmp_path / "here").mkdir()
    variants = [{"name": "scaled", "clip": ["../lib/scale.py:Scale"]}]
    asked = study(folder=tmp_path / "here", variant=variants)
    store = str(tmp_path / "store.db")
    assert ran(asked, store).trained == 4
    (tmp_path / "lib" / "helper.py").write_text("FACTOR = 0.7\n")
    assert ran(asked, store).trained == 2


@pytest.mark.fault("B16")
def test_a_file_that_is_edited_during_a_run_pauses_it_and_keeps_no_wrong_result(
    store: str, tmp_path: Path
) -> None:
    own_files(tmp_path / "own", 0.5)
    asked = study(folder=tmp_path / "own", variant=[{"name": "s", "clip": ["scale.py:Scale"]}])

    class Editor(Quiet):
        def ended(self, arm: str, seed: int, status: str) -> None:
            (tmp_path / "own" / "helper.py").write_text("FACTOR = 0.0\n")

    # One by one: the lanes of one stack may all be ready before the first of them is heard of.
    with pytest.raises(Paused, match=r"helper\.py changed"):
        run(asked, store, Editor(), workers=1, engine="plain")
    (tmp_path / "own" / "helper.py").write_text("FACTOR = 0.5\n")
    again = run(asked, store, Quiet(), workers=1, engine="plain")
    clean = run(asked, str(tmp_path / "clean.db"), Quiet(), workers=1, engine="plain")
    assert again.reused >= 1
    for arm in ("base", "s"):
        assert values(again, arm) == values(clean, arm)


def test_a_metric_that_writes_into_what_it_is_given_spoils_nothing(
    store: str, tmp_path: Path
) -> None:
    (tmp_path / "rude.py").write_text(
        "def rude(answers, targets):\n    targets[:] = 0\n    answers[:] = 0\n    return 0.5\n"
    )
    asked = study(folder=tmp_path, metric={"name": "rude.py:rude", "better": "higher"})
    rude, polite = ran(asked, store), ran(study(), str(tmp_path / "other.db"))
    assert values(rude, "base") == values(polite, "base")


def test_a_first_update_that_must_fail_is_found_before_anything_trains(store: str) -> None:
    recipe = BASE["recipe"] | {"batch_size": 1}
    wrong = study(recipe=recipe, variant=[{"name": "bn", "layers": ["batch-norm"]}])
    with pytest.raises(StudyError, match=r"\(bn\)"):
        ran(wrong, store)
    assert not known(wrong, store).results.trials


def test_the_faults_of_every_arms_split_are_told_at_once(store: str) -> None:
    variants = [{"name": "x", "data": {"train": 2000}}, {"name": "y", "data": {"train": 5}}]
    with pytest.raises(DataError) as caught:
        ran(study(data=BASE["data"] | {"test": 500}, variant=variants), store)
    assert "(x)" in str(caught.value) and "(y)" in str(caught.value)


def test_trials_that_were_forgotten_while_a_run_waited_are_trained_after_all(store: str) -> None:
    ran(study(), store)

    class Forgetful(Quiet):
        pass

    watch = Forgetful()
    thread: list[threading.Thread] = []

    def forget_later(held: Store) -> None:
        with held:
            held.forget("tiny")

    held = Store.writing(store)
    watch.note = lambda what: thread[0].ident or thread[0].start()  # type: ignore[method-assign]  # the run waits now
    thread.append(threading.Thread(target=forget_later, args=(held,)))
    found = run(study(), store, watch, workers=2)
    assert (found.trained, found.reused) == (4, 0)


def test_a_helper_edited_within_the_same_second_is_read_anew(store: str, tmp_path: Path) -> None:
    own_files(tmp_path / "own", 0.5)
    helper = tmp_path / "own" / "helper.py"
    asked = study(folder=tmp_path / "own", variant=[{"name": "s", "clip": ["scale.py:Scale"]}])
    first = ran(asked, store)
    when = helper.stat()
    helper.write_text("FACTOR = 0.1\n")
    os.utime(helper, ns=(when.st_atime_ns, when.st_mtime_ns))
    again = ran(asked, store)
    assert again.trained == 2
    assert values(again, "s") != values(first, "s")
