"""Automatic seeds end with the verdicts, a budget ends them before, and a look is remembered."""

from pathlib import Path
from typing import Any

import pytest

from hikaku.analysis.sequence import Interval
from hikaku.errors import StudyError
from hikaku.present.tally import Planned, Tally
from hikaku.present.watcher import Watcher
from hikaku.read.results import known
from hikaku.record import Results
from hikaku.run.allocate import Allocation
from hikaku.run.check import check_study
from hikaku.run.plan import explain
from hikaku.run.study import Ran, run
from hikaku.store.store import Store
from hikaku.study.decode import from_mapping
from hikaku.study.study import BASE, Study
from hikaku.words import Message

TRAIN = '''
"""Figures out of a hat: each setting's share is added to what the seed alone decides."""
import random


def train(settings, seed, report):
    common, own = random.Random(seed), random.Random(f"{seed} {sorted(settings.items())}")
    value = common.gauss(0.8, 0.02) + settings["gain"] + own.gauss(0, settings["noise"])
    if own.random() < settings["diverging"]:
        value = float("nan")
    report(split="test", metric="accuracy", value=value)
'''


TABLES: dict[str, Any] = {
    "format": 1,
    "metric": "accuracy",
    "worth": 0.01,
    "seeds": "auto",
    "train": "my_train.py:train",
    "settings": {"gain": 0.0, "noise": 0.01, "diverging": 0.0},
}


class Quiet(Watcher):
    def __init__(self) -> None:
        self.notes: list[str] = []
        self.begun: list[tuple[str, int]] = []
        self.announced: list[int] = []

    def planned(self, study: Study, plan: Planned, workers: int, there: Results) -> None:
        tally = Tally(lambda: 0.0)
        tally.begin(study, plan)
        self.announced.append(tally.total)

    def progress(self, arm: str, seed: int, step: int, steps: int) -> None:
        if step == 0:
            self.begun.append((arm, seed))

    def note(self, what: Message) -> None:
        self.notes.append(str(what))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "my_train.py").write_text(TRAIN)
    return tmp_path


def study(folder: Path, *gains: float, **changes: Any) -> Study:
    variants = [{"name": f"plus {gain}", "settings": {"gain": gain}} for gain in gains]
    return from_mapping(TABLES | {"variant": variants} | changes, name="hat", folder=folder)


def ran(asked: Study, watch: Quiet | None = None, **how: Any) -> Ran:
    return run(asked, f"{asked.folder}/store.db", watch or Quiet(), **how)


def used(found: Ran, arm: str) -> list[int]:
    return sorted(seed for name, seed in found.results.trials if name == arm)


def test_a_clear_effect_takes_few_seeds_and_base_no_more_than_any_variant(folder: Path) -> None:
    found = ran(study(folder, 0.1, 0.005), workers=1)
    clear, vague = found.findings
    assert clear.verdict == "helps" and len(clear.planned) < 10
    assert len(used(found, "plus 0.1")) == len(clear.planned)
    assert used(found, BASE) == used(found, "plus 0.005") == list(range(len(vague.planned)))


def test_seeds_end_at_twenty_where_nothing_is_decided(folder: Path) -> None:
    found = ran(study(folder, 0.004, worth=1e-6))
    (finding,) = found.findings
    assert finding.verdict == "undecided" and len(finding.planned) == 20
    assert ran(study(folder, 0.004, worth=1e-6)).trained == 0


def test_the_answer_does_not_hang_on_the_number_of_workers(folder: Path, tmp_path: Path) -> None:
    one = run(study(folder, 0.1, 0.02), str(tmp_path / "one.db"), Quiet(), workers=1)
    many = run(study(folder, 0.1, 0.02), str(tmp_path / "many.db"), Quiet(), workers=6)
    assert one.findings == many.findings


def test_base_comes_first_and_seeds_in_order_until_five_are_there(folder: Path) -> None:
    watch = Quiet()
    ran(study(folder, 0.1, 0.02), watch, workers=1)
    first = [(arm, seed) for seed in range(5) for arm in (BASE, "plus 0.1", "plus 0.02")]
    assert watch.begun[:15] == first
    for arm, seed in watch.begun[15:]:
        assert arm == BASE or watch.begun.index((BASE, seed)) < watch.begun.index((arm, seed))


def test_a_budget_of_trials_is_for_all_runs_and_a_larger_one_goes_on(folder: Path) -> None:
    watch = Quiet()
    first = ran(study(folder, 0.004, budget={"trials": 12}), watch)
    assert first.trained == 12
    assert watch.notes == ["the budget is spent: 12 of 12 trials"]
    assert ran(study(folder, 0.004, budget={"trials": 12})).trained == 0
    assert ran(study(folder, 0.004, budget={"trials": 16})).trained == 4
    (finding,) = first.findings
    assert finding.verdict == "undecided" and finding.forecast
    assert "more" in str(finding.sentence) and "chance" in str(finding.sentence)
    assert finding.cost["minutes_more"] > 0


def test_a_run_announces_what_earlier_runs_under_other_settings_left_of_the_budget(
    folder: Path,
) -> None:
    def announced(asked: Study) -> tuple[Ran, Quiet]:
        watch = Quiet()
        return ran(asked, watch), watch

    first, watch = announced(study(folder, 0.004, budget={"trials": 16}, seeds=5))
    assert (first.trained, watch.announced) == (10, [10]) and watch.notes == []
    other = {"gain": 0.0, "noise": 0.02, "diverging": 0.0}
    asked = study(folder, 0.004, budget={"trials": 16, "minutes": 9}, settings=other)
    second, watch = announced(asked)
    assert (second.trained, watch.announced) == (6, [6])
    assert watch.notes[0] == (
        "budget: 10 of 16 trials are spent, over all runs of this study, also with other "
        "settings; 6 are left"
    )
    assert watch.notes[1].endswith("also with other settings; 9 are left")
    assert "caution: no verdict can come of this budget: the first takes 10 more" in watch.notes[2]
    assert "--set budget.trials=20" in watch.notes[2]
    third, watch = announced(asked)
    assert third.trained == 0
    # It has 6 of the 10 trials by now, and nothing is left.
    assert "takes 4 more trials, and 0 are left; --set budget.trials=20" in watch.notes[0]
    assert watch.notes[1:] == ["the budget is spent: 16 of 16 trials"]
    planned = [str(line) for line in explain(asked, f"{folder}/store.db")]
    assert any("no verdict can come of this budget" in line for line in planned)
    assert not any("about" in line and "disk" in line for line in planned)


def test_a_budget_that_no_verdict_can_come_of_is_told_before(folder: Path) -> None:
    def warned(*gains: float, **changes: Any) -> tuple[list[str], list[str], list[str]]:
        asked, watch = study(folder, *gains, **changes), Quiet()
        store = f"{folder}/{len(list(folder.iterdir()))}.db"
        planned = [str(line) for line in explain(asked, store)]
        checked = [str(line) for line in check_study(asked, watch).cautions]
        run(asked, store, watch)
        found = [
            [one for one in some if "no verdict can come" in one] for some in (planned, watch.notes)
        ]
        return checked, found[0], found[1]

    for changes, least in (({}, 10), ({"seeds": 6}, 12)):
        (told,), planned, noted = warned(0.1, budget={"trials": least - 1}, **changes)
        assert planned == noted == [told]
        assert f"takes {least} more trials, and {least - 1} are left" in told
        assert f"budget.trials={least}" in told
        assert warned(0.1, budget={"trials": least}, **changes) == ([], [], [])
    # Seeds go in order: the first of three comparisons has its five when four of all are there.
    assert "takes 18 more trials" in warned(0.1, 0.2, 0.3, budget={"trials": 17})[0][0]
    assert warned(0.1, 0.2, 0.3, budget={"trials": 18})[0] == []


def test_no_trial_begins_when_the_minutes_are_spent(folder: Path) -> None:
    found = ran(study(folder, 0.004, budget={"minutes": 1e-6}), workers=1)
    assert found.trained == 1
    assert ran(study(folder, 0.004, budget={"minutes": 1e-6})).trained == 0


def test_a_budget_ends_fixed_seeds_too(folder: Path) -> None:
    found = ran(study(folder, 0.1, seeds=8, budget={"trials": 5}))
    assert found.trained == 5
    assert found.findings[0].verdict == "undecided"


def test_seeds_past_the_horizon_keep_a_part_of_the_error_for_them(folder: Path) -> None:
    def first_look(place: str, **changes: Any) -> Interval:
        found = run(study(folder, 0.1, **changes), f"{folder}/{place}.db", Quiet())
        return found.findings[0].looks[0].interval

    narrow, wide = first_look("twenty"), first_look("thirty", budget={"seeds": 30})
    assert wide.low < narrow.low and narrow.high < wide.high


def test_an_edited_worth_changes_no_verdict_that_was_shown(folder: Path) -> None:
    before = ran(study(folder, 0.03)).findings[0]
    after = ran(study(folder, 0.03, worth=0.5)).findings[0]
    assert (after.verdict, after.worth, after.planned) == (before.verdict, 0.01, before.planned)
    assert any("judged with worth = 0.01" in str(caution) for caution in after.cautions)


def test_more_fixed_seeds_after_a_look_change_nothing_and_fresh_ones_are_new(folder: Path) -> None:
    first = ran(study(folder, 0.004, seeds=6)).findings[0]
    again = ran(study(folder, 0.004, seeds=12)).findings[0]
    assert (again.seeds, again.effect) == (first.seeds, first.effect)
    assert any("--fresh" in str(caution) for caution in again.cautions)
    fresh = ran(study(folder, 0.004, seeds=12), fresh=True)
    assert fresh.findings[0].seeds == tuple(range(6, 18))
    assert not any("--fresh" in str(caution) for caution in fresh.findings[0].cautions)
    # The study stays there.
    assert ran(study(folder, 0.004, seeds=12)).findings[0].seeds == tuple(range(6, 18))
    assert known(study(folder, 0.004, seeds=12), f"{folder}/store.db").findings == fresh.findings


def test_seeds_that_are_listed_cannot_be_fresh(folder: Path) -> None:
    with pytest.raises(StudyError, match="lists its own"):
        ran(study(folder, 0.1, seeds=[3, 1, 4]), fresh=True)


def test_another_variant_shares_the_error_and_the_run_says_so(folder: Path) -> None:
    before = ran(study(folder, 0.03)).findings[0]
    watch = Quiet()
    after = ran(study(folder, 0.03, 0.05), watch).findings[0]
    assert after.level > before.level
    assert "plus 0.03 is judged again: its error is now shared among 2 variants" in watch.notes
    alone = ran(study(folder, 0.03)).findings[0]
    assert alone.level == after.level


def test_an_interrupted_run_goes_on_where_it_stopped(folder: Path) -> None:
    class Impatient(Quiet):
        def ended(self, arm: str, seed: int, status: str) -> None:
            if seed == 3:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ran(study(folder, 0.1), Impatient(), workers=1)
    stopped = known(study(folder, 0.1), f"{folder}/store.db").results.trials
    found = ran(study(folder, 0.1))
    assert 6 <= len(stopped) < len(found.results.trials)
    whole = run(study(folder, 0.1), f"{folder}/whole.db", Quiet())
    assert found.findings == whole.findings


def test_a_base_that_always_diverges_is_helped_after_six_seeds(folder: Path) -> None:
    asked = study(
        folder,
        seeds="auto",
        settings={"gain": 0.0, "noise": 0.01, "diverging": 1.0},
        variant=[{"name": "steady", "settings": {"diverging": 0.0}}],
    )
    (finding,) = ran(asked).findings
    assert (finding.verdict, finding.by, len(finding.planned)) == ("helps", "divergence", 6)


def test_plan_says_what_is_ahead_before_and_after(folder: Path) -> None:
    store = f"{folder}/store.db"
    before = [str(line) for line in explain(study(folder, 0.1, 0.004), store)]
    assert "automatic seeds: each comparison takes 5 to 20, until it is decided" in before
    assert any("15 – 60 trials" in line for line in before)
    ran(study(folder, 0.1, 0.004, budget={"trials": 24}))
    spent = list(map(str, explain(study(folder, 0.1, 0.004, budget={"trials": 24}), store)))
    assert spent[-2] == "nothing will be trained: the budget is spent"
    after = "\n".join(map(str, explain(study(folder, 0.1, 0.004, budget={"trials": 60}), store)))
    assert "plus 0.1: helps, decided at" in after
    assert "plus 0.004: " in after and "chance" in after
    assert "trials, less than 0.1 minutes with 2 at a time" in after
    assert "budget: 24 of 60 trials are spent" in after
    anew = list(explain(study(folder, 0.1, 0.004, budget={"trials": 60}), store, fresh=True))
    assert any("15 – 36 trials" in str(line) for line in anew), "what the budget leaves"


def test_a_failed_trial_ends_the_automatic_seeds_of_its_comparison(folder: Path) -> None:
    text = TRAIN.replace("common, own", "1 / (seed != 3 or settings['gain'] == 0)\n    common, own")
    (folder / "my_train.py").write_text(text)
    (finding,) = ran(study(folder, 0.1)).findings
    assert finding.verdict == "undecided" and finding.unfinished == 1
    assert finding.planned == (0, 1, 2)
    # It is tried again by the next run, with the same code too.
    watch = Quiet()
    ran(study(folder, 0.1), watch)
    assert ("plus 0.1", 3) in watch.begun


def test_a_trial_of_an_open_comparison_is_never_begun_twice(folder: Path) -> None:
    asked = study(folder, 0.1, 0.2)
    places = [(arm.name, seed) for arm in asked.arms for seed in asked.seeds]
    seeds = Allocation(asked, Results(asked.seeds, {}), places)
    begun = list(iter(seeds.begin, None))
    assert len(begun) == len(set(begun)) == 60


def test_who_reads_the_store_is_shown_no_verdict_that_nobody_has_seen(folder: Path) -> None:
    asked = study(folder, 0.1, seeds=20, budget={"trials": 26})
    (finding,) = ran(asked).findings
    assert finding.ci_low != finding.ci_low and "7 of 20 seeds not finished" in str(
        finding.sentence
    )
    store = f"{folder}/store.db"
    for changes in ({"seeds": 5}, {"seeds": "auto"}, {"seeds": 9, "worth": 0.5}):
        (read,) = known(study(folder, 0.1, **changes), store).findings
        assert read.verdict == "undecided" and read.unseen and read.ci_low != read.ci_low
        assert "nobody has looked at it yet" in str(read.sentence)
    (looked,) = ran(study(folder, 0.1, seeds=9)).findings
    assert looked.verdict == "helps"
    (read,) = known(study(folder, 0.1, seeds=9), store).findings
    assert read == looked


def test_a_smaller_budget_of_seeds_is_a_pause(folder: Path) -> None:
    first = ran(study(folder, 0.004, worth=1e-6, budget={"seeds": 8}))
    assert first.trained == 16 and "more seeds" in str(first.findings[0].sentence)
    assert ran(study(folder, 0.004, worth=1e-6, budget={"seeds": 12})).trained == 8
    assert ran(study(folder, 0.004, worth=1e-6)).trained == 16


def test_an_edited_variant_shares_the_error_with_the_one_that_it_replaces(folder: Path) -> None:
    first = ran(study(folder, 0.004)).findings[0]
    second = ran(study(folder, 0.0041)).findings[0]
    third = ran(study(folder, 0.0042)).findings[0]
    assert [round(0.05 / (1 - one.level)) for one in (first, second, third)] == [1, 2, 3]
    assert any("shared among 3 variants" in str(caution) for caution in third.cautions)


def test_code_that_does_the_same_is_bound_to_the_same(folder: Path) -> None:
    ran(study(folder, 0.004))
    (folder / "my_train.py").write_text(TRAIN + "\n# A remark.\n")
    (again,) = ran(study(folder, 0.004, worth=0.5)).findings
    assert again.worth == 0.01 and again.verdict == "undecided"


def test_fresh_seeds_were_looked_at_by_no_figure_and_beginning_afresh_is_told(folder: Path) -> None:
    ran(study(folder, 0.004, seeds=6))
    other = {"name": "reward", "better": "higher"}
    (folder / "my_train.py").write_text(
        TRAIN + '    report(split="test", metric="reward", value=value)\n'
    )
    found = ran(study(folder, 0.004, seeds=6, metric=other), fresh=True)
    assert found.findings[0].seeds == tuple(range(6, 12))
    for _ in range(2):
        found = ran(study(folder, 0.004, seeds=6, metric=other), fresh=True)
    assert any("shown 2 times before" in str(one) for one in found.findings[0].cautions)


def test_listed_seeds_stay_where_they_are_after_a_fresh_start(folder: Path) -> None:
    ran(study(folder, 0.1, seeds=5))
    ran(study(folder, 0.1, seeds=5), fresh=True)
    listed = ran(study(folder, 0.1, seeds=[0, 1, 2, 3, 4]))
    assert listed.findings[0].seeds == (0, 1, 2, 3, 4) and listed.trained == 0


def test_a_spent_budget_lets_nothing_begin_afresh(folder: Path) -> None:
    asked = study(folder, 0.004, budget={"trials": 12})
    before = ran(asked)
    with pytest.raises(StudyError, match="budget is spent"):
        ran(asked, fresh=True)
    assert known(asked, f"{folder}/store.db").findings == before.findings


def test_minutes_are_charged_when_a_run_is_cut_off(folder: Path) -> None:
    class Impatient(Quiet):
        def progress(self, arm: str, seed: int, step: int, steps: int) -> None:
            raise KeyboardInterrupt

    asked = study(folder, 0.1)
    with pytest.raises(KeyboardInterrupt):
        ran(asked, Impatient())
    with Store.reading(f"{folder}/store.db") as kept:
        assert kept.bill(asked).seconds > 0


def test_seeds_that_can_change_no_verdict_are_not_trained(folder: Path) -> None:
    ran(study(folder, 0.004, seeds=5))
    watch = Quiet()
    again = ran(study(folder, 0.004, seeds=9), watch)
    assert again.trained == 0
    assert "8 trials are left out" in watch.notes[0]


def test_a_study_plans_with_the_trials_of_others(folder: Path) -> None:
    ran(study(folder, 0.1))
    tables = {"name": "other", "folder": folder}
    other = from_mapping(TABLES | {"variant": [{"name": "x", "settings": {"gain": 0.1}}]}, **tables)
    said = "\n".join(map(str, explain(other, f"{folder}/store.db")))
    assert "nothing is left to train" in said


def test_a_decided_comparison_that_lacks_one_trial_begins_that_one_alone(folder: Path) -> None:
    """Its weights may be asked for again; no seed beyond the verdict was planned."""
    asked = study(folder, 0.1)
    found = ran(asked)
    lost = ("plus 0.1", 2)
    there = {at: one for at, one in found.results.trials.items() if at != lost}
    seeds = Allocation(asked, Results(asked.seeds, there), [lost])
    assert list(iter(seeds.begin, None)) == [lost]


def test_a_base_alone_gets_the_fewest_automatic_seeds(folder: Path) -> None:
    found = ran(study(folder))
    assert used(found, BASE) == [0, 1, 2, 3, 4]
    assert ran(study(folder)).trained == 0
