import random
import shutil
import sqlite3
from pathlib import Path

import pytest
from store_samples import keys, marks, plan, study, train

from hikaku.errors import HikakuError, StoreError
from hikaku.record import Measured
from hikaku.store import rows
from hikaku.store.store import Store


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a closed store of a study of 24 trials."""
    where = tmp_path_factory.mktemp("sound") / "store.db"
    with Store.writing(where) as store:
        train(store, asked(where))
    return where


@pytest.fixture(autouse=True, params=[500, 5])
def together(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read all trials at once, or a few: then those after the first are guessed to be like them."""
    monkeypatch.setattr(rows, "TOGETHER", request.param)


def asked(where: Path):
    return study(seeds=range(12), folder=where.parent)


def trials(where: Path) -> dict[tuple[str, int], Measured]:
    with Store.reading(where) as store:
        return dict(store.results(asked(where), marks(asked(where))).trials)


def numbers(found: dict[tuple[str, int], Measured]) -> dict[tuple[str, int], object]:
    return {
        place: (one.outcome, one.records, [sheet.array.tobytes() for sheet in one.sheets])
        for place, one in found.items()
    }


@pytest.mark.fault("B7")
def test_a_flipped_bit_is_found_or_without_effect_and_never_another_number(
    tmp_path: Path, sound: Path
) -> None:
    content, draws = sound.read_bytes(), random.Random(0)
    want, where = numbers(trials(sound)), tmp_path / "store.db"
    refused = 0
    for _ in range(200):
        place, bit = draws.randrange(len(content)), 1 << draws.randrange(8)
        where.write_bytes(content[:place] + bytes([content[place] ^ bit]) + content[place + 1 :])
        try:
            found = numbers(trials(where))
        except HikakuError:
            refused += 1
            continue
        assert found.keys() <= want.keys()
        assert all(one == want[at] for at, one in found.items()), place
    assert refused > 10


@pytest.mark.fault("B7")
@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE hikaku_record SET value = value + 1e-12 WHERE reading = 'curve'",
        "UPDATE hikaku_record SET value = NULL WHERE step = 1",
        "DELETE FROM hikaku_record WHERE step = 2",
        "UPDATE hikaku_record SET step = 7 WHERE step = 2",
        "UPDATE hikaku_sheet SET bytes = zeroblob(32)",
        "DELETE FROM hikaku_sheet",
        "UPDATE hikaku_trial SET state = 'diverged'",
        "UPDATE hikaku_trial SET parameters = 78",
        "UPDATE hikaku_planned SET key = 'mark-base-1' WHERE key = 'mark-base-2'",
        "UPDATE hikaku_planned SET seed = 999 - seed",
        "UPDATE hikaku_trial SET seals = '[]'",
        "UPDATE hikaku_trial SET seals = '{'",
    ],
)
def test_what_is_not_what_was_written_is_damage(tmp_path: Path, sound: Path, harm: str) -> None:
    shutil.copy(sound, tmp_path / "store.db")
    with sqlite3.connect(tmp_path / "store.db") as opened:
        opened.execute(harm)
    opened.close()
    with pytest.raises(StoreError, match="damaged"):
        trials(tmp_path / "store.db")


@pytest.mark.fault("B6")
@pytest.mark.parametrize("share", [0.0, 0.001, 0.2, 0.5, 0.999])
def test_a_store_that_was_cut_off_is_refused_or_empty_and_stays_as_it_is(
    tmp_path: Path, sound: Path, share: float
) -> None:
    where = tmp_path / "store.db"
    cut = sound.read_bytes()[: int(sound.stat().st_size * share)]
    where.write_bytes(cut)
    try:
        assert trials(where) == {}
        assert cut == b""
    except StoreError as error:
        assert error.exit_code == 4
        assert "damaged" in str(error)
    assert where.read_bytes() == cut


@pytest.mark.fault("B11")
def test_a_store_copied_during_a_run_holds_whole_trials_or_is_refused(
    tmp_path: Path,
) -> None:
    with Store.writing(tmp_path / "store.db") as store:
        plan(store, asked(tmp_path / "store.db"))
        train(store, asked(tmp_path / "store.db"))
        want = numbers(trials(tmp_path / "store.db"))
        (tmp_path / "copy").mkdir()
        # Without what stands beside it: the last commits are there.
        shutil.copy(tmp_path / "store.db", tmp_path / "copy" / "store.db")
    try:
        with Store.reading(tmp_path / "copy" / "store.db") as copy:
            found = copy.measured(keys(asked(tmp_path)).values())
    except StoreError:
        return
    whole = numbers({("", n): one for n, one in enumerate(found.values())})
    assert all(one in want.values() for one in whole.values())


@pytest.mark.fault("B11")
def test_without_the_log_of_a_killed_run_the_rest_is_trained_again(tmp_path: Path) -> None:
    where, copy = tmp_path / "store.db", tmp_path / "killed" / "store.db"
    copy.parent.mkdir()
    some = study(folder=copy.parent)
    with Store.writing(where) as store:
        train(store, study(seeds=range(9), folder=copy.parent))
        # As the disk is when the process is killed, but for the log.
        with sqlite3.connect(where) as other:
            other.execute("PRAGMA wal_checkpoint")
        other.close()
        shutil.copy(where, copy)
    with Store.writing(copy) as store:
        done = plan(store, some).finished
        assert done <= set(keys(some).values())
        train(store, some)
        assert len(store.finished(keys(some).values())) == 6
