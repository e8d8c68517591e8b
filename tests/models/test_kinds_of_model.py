"""Whatever people write as a model: it trains, its edits act, or it is refused in clear words."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from kinds import ARMS, NOTICED, PAGE, WORKS, Kind, all_kinds, with_table
from own_models import job, prepared_as_in_a_worker, train, trial_of

from hikaku.errors import StudyError
from hikaku.execution.dry import dry_run
from hikaku.models.surgery import CONTAINER
from hikaku.training.stack import Trained

pytestmark = pytest.mark.usefixtures(prepared_as_in_a_worker.__name__)
LABELS = {"dropout": ":dropout", "batch norm": ":batch-norm", "activation swap": ":gelu"}


@cache
def base(kind: Kind, folder: Path) -> Trained:
    """Return what the base arm of this kind trains."""
    return train(trial_of(job(kind, "base", folder / "base")))


@pytest.mark.filterwarnings("ignore:.torch.jit.*:DeprecationWarning")
@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.parametrize("kind", all_kinds(), ids=lambda kind: kind.title)
def test_each_kind_of_model_trains_under_each_arm_or_is_refused(
    kind: Kind, arm: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    asked, expected = job(kind, arm, tmp_path), kind.cell(arm)
    if expected not in (WORKS, NOTICED):
        with pytest.raises(StudyError) as refusal:
            dry_run(asked)
        assert expected in refusal.value.text()
        return
    dry_run(asked)
    trial = trial_of(asked)
    trained = train(trial)
    assert trained.status == "done" and trained.step == 3
    assert trained.noticed == (("outside-randomness",) if expected == NOTICED else ())
    assert train(trial_of(asked)).records == trained.records
    if arm != "base":
        inserted = dict(trial.program.train_model.get_submodule(CONTAINER).named_children())
        assert any(LABELS[arm] in name for name in inserted)
        assert trained.records != base(kind, tmp_path_factory.getbasetemp()).records


def test_the_page_shows_the_table_of_today() -> None:
    page = PAGE.read_text("utf-8")
    assert with_table(page) == page, "run: python tests/support/kinds.py"


def test_there_are_enough_kinds_and_no_two_share_a_title() -> None:
    titles = [kind.title for kind in all_kinds()]
    assert len(set(titles)) == len(titles) >= 24
