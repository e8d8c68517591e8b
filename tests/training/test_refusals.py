"""What an arm cannot do with its model and data is refused before anything is trained."""

from __future__ import annotations

import pytest
import stacks
from dense_stacks import start
from tiny import use

from hikaku.errors import StudyError


@pytest.mark.parametrize("name", ["spatial-dropout", "instance-norm", "local-response-norm"])
def test_what_acts_on_maps_says_that_the_model_has_none(name: str) -> None:
    with pytest.raises(StudyError, match="the model has none"):
        start(0, layers=(use(name),))


def test_a_module_that_an_optimizer_is_to_spare_must_be_there() -> None:
    with pytest.raises(StudyError, match="finds no 'nothere' in this model"):
        start(0, optimizer=use("muon", adam_at=("nothere",)))
    start(0, optimizer=use("muon", adam_at=("1",)))


@pytest.mark.parametrize("name", ["cutout", "crop", "flip", "randaugment", "cutmix"])
def test_a_change_of_images_refuses_rows_of_numbers(name: str) -> None:
    with pytest.raises(StudyError, match="it is for images"):
        start(0, augment=(use(name),))
    stacks.start(0, stacks.CNN, augment=(use(name),))


@pytest.mark.parametrize("name", ["focal", "poly", "label-smoothing", "class-balanced"])
def test_a_loss_of_classes_refuses_values(name: str) -> None:
    with pytest.raises(StudyError, match="it is for classes"):
        start(0, classes=0, loss=use(name))
