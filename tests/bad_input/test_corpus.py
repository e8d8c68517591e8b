"""The corpus of bad inputs: all of it is refused, in words, without hanging or filling memory."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from bad_inputs import cases, counts
from corpus.case import Case
from hikaku.errors import Fault, HikakuError

EVERY = "test_every_case_is_refused_in_words_with_its_exit_code"
MOST_MIB = 500
STATUS = Path("/proc/self/status")
GROUPS: dict[str, list[Case]] = {}
for _case in cases():
    GROUPS.setdefault(_case.group, []).append(_case)


@pytest.mark.parametrize(
    "group",
    [
        pytest.param("study: a value", marks=pytest.mark.fault("C8", "E2")),
        pytest.param("study: a key", marks=pytest.mark.fault("E1")),
        pytest.param("study: arms", marks=pytest.mark.fault("E4", "E5")),
        pytest.param("study: a text", marks=pytest.mark.fault("E3")),
        pytest.param("names", marks=pytest.mark.fault("E7")),
        pytest.param("study: an option", marks=pytest.mark.fault("E2")),
        pytest.param("idx", marks=pytest.mark.fault("D1", "D2", "D20")),
        pytest.param("cifar", marks=pytest.mark.fault("D3", "D20")),
        pytest.param("archive", marks=pytest.mark.fault("D2", "D3")),
        pytest.param("npy", marks=pytest.mark.fault("D17")),
        pytest.param("npz", marks=pytest.mark.fault("D17", "D20")),
        pytest.param("csv", marks=pytest.mark.fault("D2", "D14", "D16", "D20")),
        pytest.param(
            "images",
            marks=pytest.mark.fault("D7", "D8", "D9", "D10", "D11", "D12", "D13", "D18", "D20"),
        ),
        pytest.param("parquet", marks=pytest.mark.fault("D6", "D20")),
        pytest.param("weights", marks=pytest.mark.fault("G2", "G3")),
    ],
)
def test_every_case_is_refused_in_words_with_its_exit_code(group: str, tmp_path: Path) -> None:
    before = forget_peak()
    found = [
        complaint
        for number, case in enumerate(GROUPS[group])
        for complaint in complaints(case, tmp_path / str(number))
    ]
    assert not found, "\n".join(found)
    assert peak() - before < MOST_MIB


def test_every_group_is_run_and_marked_with_the_faults_that_it_shows(
    request: pytest.FixtureRequest,
) -> None:
    marked = {
        item.callspec.params["group"]: {f for mark in item.iter_markers("fault") for f in mark.args}
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.originalname == EVERY
    }
    shown = {group: {f for case in found for f in case.faults} for group, found in GROUPS.items()}
    del shown["pickle"]  # test_pickles.py
    assert marked == shown


def test_the_corpus_is_large_and_each_case_has_its_own_name() -> None:
    number = counts()
    assert number.total() - number["pickle"] >= 400
    assert len({str(case) for found in GROUPS.values() for case in found}) == number.total()


@pytest.mark.parametrize("group", ["idx", "npz", "parquet", "weights", "images"])
def test_a_case_is_made_byte_for_byte_the_same_each_time(group: str, tmp_path: Path) -> None:
    case = GROUPS[group][3]
    for again in "ab":
        (tmp_path / again).mkdir()
        case.make(tmp_path / again)
    first, second = (_digests(tmp_path / again) for again in "ab")
    assert first == second != {}


def _digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(f.relative_to(folder)): sha256(f.read_bytes()).hexdigest() for f in files}


def forget_peak() -> float:
    """Return the memory that this process takes, in MiB; the kernel counts its peak from now."""
    if not STATUS.exists():
        return peak()
    Path("/proc/self/clear_refs").write_text("5")
    return peak()


def peak() -> float:
    """Return the most memory that this process took since then, in MiB; 0 where nobody counts."""
    if not STATUS.exists():
        return 0.0
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def complaints(case: Case, folder: Path) -> Iterator[str]:
    """Yield what is wrong with the way in which a case is refused."""
    folder.mkdir()
    path = case.make(folder)
    try:
        case.read(path)
    except HikakuError as error:
        if error.exit_code != case.exit_code:
            yield f"{case}: exit code {error.exit_code}"
        if case.word not in str(error):
            yield f"{case}: '{case.word}' is not said, but: {error}"[:600]
        yield from (f"{case}: not whole: {fault}" for fault in error.faults if not whole(fault))
    except Exception as error:
        yield f"{case}: {type(error).__name__}: {error}"[:600]
    else:
        yield f"{case}: accepted"


def whole(fault: Fault) -> bool:
    """Return whether a fault says what, where and how to mend it."""
    is_count = fault.what.id == "and {count:,} more like these"
    return bool(str(fault.what).strip() and (fault.where or is_count) and fault.mend)
