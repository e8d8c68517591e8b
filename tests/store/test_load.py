from pathlib import Path

import pytest

from hikaku.present.terminal import text
from hikaku.present.worded import tables
from hikaku.read.results import Known, known, told
from hikaku.store.store import Store
from hikaku.study.decode import load
from hikaku.study.sources import fingerprints
from load_store import ARMS, ENDS, METRICS, Load, make

SIZE = Load(trials=80, records=30, studies=2)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("load")
    make(folder, SIZE)
    return folder


def shown(found: Known) -> str:
    return text(tables(found.study, found.results, found.findings))


def records(found: Known) -> int:
    return sum(len(one.records) for one in found.results.trials.values())


def test_the_made_up_store_holds_what_was_asked_for_and_the_same_every_time(
    place: Path, tmp_path: Path
) -> None:
    make(tmp_path, SIZE)
    for folder in (place, tmp_path):
        with Store.reading(folder / "store.db") as store:
            counts = store.size().counts
            assert (counts.studies, counts.trials, counts.records) == (2, 80, 80 * 30)
    one, other = (
        known(load(folder / "load-01.toml"), str(folder / "store.db"))
        for folder in (place, tmp_path)
    )
    assert one.results.trials["base", 1].records == other.results.trials["base", 1].records


@pytest.mark.fault("B17")
def test_tables_are_made_without_reading_other_studies_or_curves(place: Path) -> None:
    study = load(place / "load-00.toml")
    found = told(study, str(place / "store.db"))
    assert len(found.results.trials) == SIZE.trials / SIZE.studies == ARMS * SIZE.seeds
    assert records(found) == len(found.results.trials) * len(ENDS) * len(METRICS)


@pytest.mark.fault("B17")
@pytest.mark.parametrize(
    "metric",
    [
        '"accuracy"',
        '"loss"',
        '{ name = "accuracy", of = "gap" }',
        '{ name = "accuracy", split = "validation", of = "area" }',
        '{ name = "loss", split = "validation", of = "steps-to:0.88" }',
        '{ name = "loss", split = "validation", of = "peak-epoch" }',
    ],
)
def test_what_is_told_without_curves_is_what_all_records_say(place: Path, metric: str) -> None:
    written = (place / "load-00.toml").read_text().replace('"accuracy"', metric, 1)
    (place / "other.toml").write_text(written)
    study, asked = load(place / "load-00.toml"), load(place / "other.toml")
    where = str(place / "store.db")
    with Store.writing(where) as store:
        marks = fingerprints(study)
        keys = {
            (mark, seed): key
            for name, mark in marks.items()
            for seed, key in store.planned_keys(
                study, next(arm.work for arm in study.arms if arm.name == name)
            ).items()
        }
        store.plan(asked, fingerprints(asked), keys)
    whole, ends = known(asked, where), told(asked, where)
    assert repr(whole.findings) == repr(ends.findings)
    assert shown(whole) == shown(ends)
    assert whole.results.trials.keys() == ends.results.trials.keys() != set()
