"""What a worker found out about an arm on its data is asked for once."""

from pathlib import Path

import pytest
from store_samples import study, train

from hikaku.errors import HikakuError
from hikaku.store.store import Store


def test_a_survey_is_of_one_arm_on_one_data_set(store: Store) -> None:
    store.keep_survey("base", "digits", "64 inputs")
    store.keep_survey("base", "mnist", "784 inputs")
    store.keep_survey("dropout", "digits", "a mask")
    asked = [("base", "digits"), ("dropout", "digits"), ("dropout", "mnist")]
    assert store.surveys(asked) == {
        ("base", "digits"): "64 inputs",
        ("dropout", "digits"): "a mask",
    }
    assert store.surveys([]) == {}


def test_a_survey_that_is_made_again_takes_the_place_of_the_old_one(store: Store) -> None:
    store.keep_survey("base", "digits", "old")
    store.keep_survey("base", "digits", "new")
    assert store.surveys([("base", "digits")]) == {("base", "digits"): "new"}


def test_a_survey_outlives_studies_and_is_not_pruned(store: Store) -> None:
    train(store, study())
    store.keep_survey("mark-base", "digits", "said")
    store.forget("one")
    store.prune()
    assert store.surveys([("mark-base", "digits")]) == {("mark-base", "digits"): "said"}


def test_there_is_none_where_there_is_no_store_and_a_reader_keeps_none(tmp_path: Path) -> None:
    with Store.reading(tmp_path / "none.db") as store:
        assert store.surveys([("base", "digits")]) == {}
        with pytest.raises(HikakuError, match="opened for reading"):
            store.keep_survey("base", "digits", "said")
