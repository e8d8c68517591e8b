"""docs/performance.md says what docs/performance.json holds, by the rules that it states."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from contest import others
from contest.called import ENDED, PLANNED, FailedError, hikaku, window, workers
from contest.page import missed, page
from contest.rows import ROWS, Row, against, best_plan, share_of_peak
from contest.studies import arms_of, scales_of
from contest.workloads import WORKLOADS
from hikaku.present.tally import Tally
from hikaku.study.decode import load
from hikaku.study.gallery import resolve

DOCS = Path(__file__).parents[2] / "docs"
PROMISED = {
    ("S1", 6, 10), ("S1", 7, 12), ("S1", 12, 20), ("S1", 3, 5), ("S1", 1.6, 2.5),
    ("S1", 0.4, 0.65), ("S2", 4.5, 6), ("S2", 3, 4), ("S2-bf16", 13, 20), ("S2-bf16", 9, 14),
    ("S2", 0.75, 0.85), ("S2-bf16", 0.75, 0.85), ("S2", 4, 5.5), ("S2-bf16", 11, 17),
    ("S3", 1.5, 4), ("planner", 0.93, 0.97), ("start", 1, 0.3), ("start", 0.25, 0.1),
    ("start", 0.7, 0.5),
}  # fmt: skip  # a table

SMALL = """format = 1
metric = "accuracy"
worth = 0.01
seeds = 2
model = { use = "mlp", hidden = [8] }
data = { use = "digits", train = 60, validation = 20 }
[recipe]
epochs = 2
optimizer = "adam"
"""


def measured(workload: str, series: dict[str, list[float]]) -> dict[str, Any]:
    machine = {"processor": "a", "cores": "2", "system": "b"}
    rest = {"about": "c", "data": "real", "machine": machine, "versions": {}, "absent": {}}
    return {"format": 1, "workloads": {workload: {**rest, "series": series}}}


def test_the_page_is_made_of_the_numbers_beside_it_and_holds_every_row() -> None:
    numbers = json.loads((DOCS / "performance.json").read_text("utf-8"))
    text = (DOCS / "performance.md").read_text("utf-8")
    assert text == page(numbers)
    for row in ROWS:
        assert f"| {row.title} |" in text


def test_every_promise_is_a_row_of_a_workload() -> None:
    assert {(row.workload, row.must, row.aim) for row in ROWS if row.must is not None} == PROMISED
    assert {row.workload for row in ROWS} <= set(WORKLOADS)


def test_of_ours_the_median_counts_and_of_a_rival_the_best_round() -> None:
    value = against("slow", "quick")({"hikaku": [1, 9, 2], "slow": [8, 9], "quick": [7, 50]})
    assert value.figure == 7 / 2


def test_the_share_of_the_peak_is_that_of_the_best_peak_seen() -> None:
    series = {"hikaku x 10 GFLOP/s": [90, 100, 180], "GEMM peak GFLOP/s": [150, 200]}
    assert share_of_peak(series).figure == 0.5


def test_the_planner_is_judged_by_its_worse_study() -> None:
    series = {
        "S1: the planner's": [2.0], "S1: dense": [1.0], "S2: the planner's": [1.0],
        "S2: plain": [3.0],
    }  # fmt: skip  # a table
    assert best_plan(series).figure == 0.5


def test_a_plan_that_is_far_from_the_best_is_not_timed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    takes = {"auto": 1.0, "near": 1.9, "far": 2.1}

    def ran(plan: str, place: Path) -> SimpleNamespace:
        return SimpleNamespace(training=takes[plan], arithmetic=(plan,), workers=2)

    monkeypatch.setattr(others, "hikaku", ran)
    best: dict[str, float] = {}
    plans = [others.Planned(tmp_path, "S1", name, (name,), best, {}) for name in takes]
    assert [plan() for plan in plans] == [{f"S1: {name}": takes[name]} for name in takes]
    assert [plan() for plan in plans] == [{"S1: auto": 1.0}, {"S1: near": 1.9}, {}]


def test_a_run_counts_for_all_names_of_its_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    takes = {"dense, 2": (3.0, "dense", 2), "dense, 1": (5.0, "dense", 1), "auto": (4, "dense", 2)}

    def ran(plan: str, place: Path) -> SimpleNamespace:
        training, arithmetic, workers = takes[plan]
        return SimpleNamespace(training=training, arithmetic=(arithmetic,), workers=workers)

    monkeypatch.setattr(others, "hikaku", ran)
    best: dict[str, float] = {}
    same: dict[object, set[str]] = {}
    plans = [others.Planned(tmp_path, "S1", name, (name,), best, same) for name in takes]
    one, _, auto = (plan() for plan in plans)
    assert one == {"S1: dense, 2": 3.0} and auto == {"S1: dense, 2": 4, "S1: auto": 4}
    assert plans[0]() == {"S1: dense, 2": 3.0, "S1: auto": 3.0}
    other = others.Planned(tmp_path, "S2", "dense, 2", ("dense, 2",), best, same)
    assert other() == {"S2: dense, 2": 3.0}


def test_what_is_not_kept_is_told_and_so_is_what_was_not_measured() -> None:
    numbers = measured("start", {"second run": [2.0], "hikaku --help": [0.1]})
    told = "\n".join(missed(numbers))
    assert "second run of a finished study, wall seconds: 2 s, must 1" in told.replace("2.0", "2")
    assert "--help" not in told and "S1: Lightning: not measured" in told
    assert "| `hikaku results`, wall seconds | not measured | 0.7 | 0.5 |" in page(numbers)
    assert "yes, and the aim" in page(numbers)


def test_a_cost_is_kept_from_above_and_a_ratio_from_below() -> None:
    ratio, cost = (Row("S1", "a", 2, 3, against("b"), is_cost) for is_cost in (False, True))
    assert ratio.keeps(2.5, 2) and not ratio.keeps(1.5, 2)
    assert cost.keeps(1.5, 2) and not cost.keeps(2.5, 2)


@pytest.mark.parametrize(
    ("study", "text", "count"),
    [
        ("cifar10-techniques", arms_of("cifar10-techniques", 2), 2),
        ("batch-norm-scale", scales_of("batch-norm-scale", 4), 8),
    ],
)
def test_a_study_with_fewer_arms_is_the_same_in_all_else(
    study: str, text: str, count: int, tmp_path: Path
) -> None:
    (tmp_path / "some.toml").write_text(text, "utf-8")
    some, whole = load(tmp_path / "some.toml"), load(resolve(study))
    assert some.arms == whole.arms[:count]
    assert (some.metric, some.seeds) == (whole.metric, whole.seeds)


def test_the_clock_begins_with_the_plan_and_ends_with_the_last_trial() -> None:
    tally = Tally(clock=float)
    tally.total = 12
    for at_most in (False, True):
        tally.at_most = at_most
        assert PLANNED.search(str(tally.plan(2))) and not ENDED.match(str(tally.plan(2)))
        assert workers([(0.0, "reading ..."), (1.0, str(tally.plan(2)))]) == 2
    assert ENDED.match("3/≤12 a seed 1: diverged")
    assert not ENDED.match("3/12 trials, 0:01 gone")


def test_a_run_is_timed_by_the_lines_that_it_really_writes(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(SMALL, "utf-8")
    ran = hikaku(str(tmp_path / "small.toml"), tmp_path)
    assert ran.trials == 2
    # A window that ended with an earlier line than the last trial's would miss its own clock.
    assert max(cost["seconds"] for cost in ran.costs) < ran.training < ran.wall


def test_a_run_whose_lines_are_not_understood_is_not_timed() -> None:
    with pytest.raises(FailedError, match="of 2 trials, 1 said"):
        window([(0.0, "2 trials to train, 0 reused"), (1.0, "1/2 base seed 0: done")], 2)
