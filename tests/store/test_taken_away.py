"""Whatever another program does with a store's file during a run, what was measured is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from store_samples import keys, marks, plan, study, train

from hikaku.errors import StoreError
from hikaku.store.store import Store


def finished(where: Path) -> int:
    with Store.reading(where) as store:
        return len(store.results(asked(where), marks(asked(where))).trials)


def asked(where: Path):
    return study(seeds=range(4), folder=where.parent)


def remove(where: Path) -> None:
    """Remove the store with all that SQLite keeps beside it."""
    for file in where.parent.glob("store.db*"):
        file.unlink()


@pytest.mark.fault("B18")
def test_a_store_that_is_deleted_during_a_run_is_written_anew(tmp_path: Path):
    where = tmp_path / "store.db"
    with Store.writing(where) as store:
        plan(store, asked(where))
        remove(where)
        with pytest.raises(StoreError, match="taken away during the run") as error:
            train(store, asked(where))
        assert str(where) in str(error.value) and error.value.exit_code == 4
        with pytest.raises(StoreError, match="taken away"):
            train(store, asked(where))
    assert finished(where) == 0
    with Store.writing(where) as store:
        train(store, asked(where))
        want = len(store.finished(keys(asked(where)).values()))
        remove(where)
        with pytest.raises(StoreError, match="taken away"):
            plan(store, asked(where))
    assert finished(where) == want > 0
    assert where.stat().st_mode & 0o077 == 0


@pytest.mark.fault("B18")
def test_a_store_in_whose_place_another_is_put_is_written_beside_it(tmp_path: Path):
    where, other = tmp_path / "store.db", tmp_path / "other" / "store.db"
    with Store.writing(other):
        pass
    with Store.writing(where) as store:
        train(store, asked(where))
        remove(where)
        theirs = other.rename(where).read_bytes()
        with pytest.raises(StoreError, match=r"store\.rescued\.db"):
            plan(store, asked(where))
    assert where.read_bytes() == theirs
    assert finished(where) == 0 and finished(tmp_path / "store.rescued.db") > 0
