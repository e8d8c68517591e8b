from dataclasses import replace

import numpy as np
import pytest
import torch
from stage import FACTS, moment
from torch.nn import functional as F

from hikaku.techniques.class_balanced import ClassBalanced

COUNTS = (500, 50, 5)


@pytest.mark.parametrize("beta", [0.0, 0.9, 0.9999])
def test_it_is_torchs_weighted_cross_entropy_with_weights_by_effective_numbers(beta: float) -> None:
    logits = torch.randn(20, 3, generator=torch.Generator().manual_seed(0))
    target = torch.arange(20) % 3
    found = ClassBalanced(beta).loss(
        logits,
        F.one_hot(target, 3).float(),
        moment(facts=replace(FACTS, class_counts=COUNTS)),
    )
    weights = (1 - beta) / (1 - np.power(beta, COUNTS))
    weights = torch.tensor(weights / weights.sum() * 3, dtype=torch.float32)
    wanted = F.cross_entropy(logits, target, weight=weights, reduction="sum") / 20
    torch.testing.assert_close(found, wanted)


def test_on_classes_of_one_size_and_with_an_empty_one_it_is_finite_cross_entropy() -> None:
    logits = torch.randn(6, 3, generator=torch.Generator().manual_seed(0))
    target = F.one_hot(torch.tensor([0, 1, 2, 0, 1, 2]), 3).float()
    equal = ClassBalanced().loss(logits, target, moment())
    torch.testing.assert_close(equal, F.cross_entropy(logits, target))
    empty = replace(FACTS, class_counts=(5, 0, 5))
    assert ClassBalanced().loss(logits, target, moment(facts=empty)).isfinite()
