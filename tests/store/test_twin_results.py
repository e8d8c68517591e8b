"""What a reader is told of base's twins follows from how the trials were computed."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from store_samples import marks, measured, study

from hikaku.record import Results
from hikaku.store.store import Store
from hikaku.study.study import Study
from hikaku.study.twin import twin_fingerprint

DENSE, PLAIN = "dense cpu fp32, 1 thread", "plain cpu fp32, 1 thread"
TWIN = "base (plain)"


def kept(store: Store, asked: Study, arithmetics: Mapping[str, tuple[str, ...]]) -> Results:
    """Plan and train the arms and twins, one arithmetic per seed ("": failed); return results."""
    twin = {TWIN: twin_fingerprint("mark-base", PLAIN)} if TWIN in arithmetics else {}
    names = twin | marks(asked)
    keys = {
        (names[name], seed): f"{names[name]}-{seed}"
        for name, texts in arithmetics.items()
        for seed in range(len(texts))
    }
    store.plan(asked, names, keys)
    for name, texts in arithmetics.items():
        for seed, text in enumerate(texts):
            whole = measured(f"{names[name]}-{seed}", "done" if text else "failed")
            store.add(replace(whole, outcome=replace(whole.outcome, arithmetic=text)))
    return store.results(asked, marks(asked))


def places(found: Results, arm: str) -> dict[int, str]:
    return {
        seed: one.outcome.arithmetic for (name, seed), one in found.trials.items() if name == arm
    }


def test_a_variant_of_another_engine_comes_with_the_twin(store: Store) -> None:
    asked = study(arms=("dropout", "adam"))
    own = {"base": (DENSE,) * 3, "adam": (DENSE,) * 3}
    found = kept(store, asked, own | {"dropout": (PLAIN,) * 3, TWIN: (PLAIN,) * 3})
    assert found.bases == {"dropout": TWIN}
    assert (found.base_of("dropout"), found.base_of("adam")) == (TWIN, "base")
    assert places(found, TWIN) == dict.fromkeys(range(3), PLAIN)
    assert places(found, "base") == dict.fromkeys(range(3), DENSE)


def test_another_dtype_is_the_treatment_and_needs_no_twin(store: Store) -> None:
    half = DENSE.replace("fp32", "bf16")
    found = kept(store, study(), {"base": (DENSE,) * 3, "dropout": (half,) * 3})
    assert found.bases == {}


def test_where_base_was_computed_so_itself_its_own_trial_is_the_twins(store: Store) -> None:
    arithmetics = {"base": (PLAIN, DENSE, DENSE), "dropout": (PLAIN,) * 3, TWIN: ("", PLAIN, PLAIN)}
    found = kept(store, study(), arithmetics)
    assert found.bases == {"dropout": TWIN}
    assert places(found, TWIN) == dict.fromkeys(range(3), PLAIN)


def test_seeds_that_another_engine_trained_do_not_count_beside_most(store: Store) -> None:
    book = DENSE.replace("dense", "book")
    found = kept(store, study(), dict.fromkeys(("base", "dropout"), (book, DENSE, DENSE)))
    assert found.bases == {}
    assert places(found, "dropout") == {1: DENSE, 2: DENSE}
    assert places(found, "base") == {1: DENSE, 2: DENSE}
    assert found.aside == {("dropout", 0): "book cpu", ("base", 0): "book cpu"}


def test_a_trial_of_base_that_a_comparison_uses_stays_whatever_others_use(store: Store) -> None:
    book = DENSE.replace("dense", "book")
    asked = study(arms=("dropout", "adam"))
    own = {"base": (book, DENSE, DENSE), "dropout": (book,), "adam": ("", DENSE, DENSE)}
    found = kept(store, asked, own)
    assert places(found, "base") == {0: book, 1: DENSE, 2: DENSE}
    assert found.aside == {}


@pytest.mark.parametrize("texts", [(), ("", "", "")])
def test_a_variant_of_which_nothing_is_known_is_compared_with_base(
    store: Store, texts: tuple[str, ...]
) -> None:
    found = kept(store, study(), {"base": (DENSE,) * 3, "dropout": texts})
    assert found.bases == {}


def test_no_arm_hides_a_twin_of_its_name(store: Store) -> None:
    asked = study(arms=("dropout", TWIN))
    arithmetics = {"base": (DENSE,) * 3, "dropout": (PLAIN,) * 3, TWIN: (DENSE,) * 3}
    found = kept(store, asked, arithmetics)
    assert found.bases == {"dropout": "base (plain 2)"}
    assert places(found, TWIN) == dict.fromkeys(range(3), DENSE)


def test_a_twin_that_changed_code_has_superseded_is_pruned_and_no_other(store: Store) -> None:
    asked = study(seeds=(0,))
    for version, code in (("", "a"), ("-v2", "b")):
        base = marks(asked, version)
        names = base | {TWIN: twin_fingerprint(base["base"], PLAIN)}
        keys = {(mark, 0): f"{mark}-0" for mark in names.values()}
        store.plan(asked, names, keys, {name: {"own.py": code} for name in names})
        for key in keys.values():
            store.add(measured(key))
        assert store.prune().trials == (3 if version else 0)
