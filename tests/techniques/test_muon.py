"""Muon against torch's own (its rounding to bfloat16 apart), and AdamW for the rest."""

import pytest
import torch
from stage import FACTS, weights
from torch import Tensor

from hikaku.techniques.muon import Muon, orthogonal


@pytest.mark.parametrize("nesterov", [True, False])
@pytest.mark.parametrize("adam_at", [(), ("fc",)])
def test_matrices_move_as_under_torchs_muon_and_the_rest_as_under_its_adamw(
    nesterov: bool, adam_at: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Tensor, "bfloat16", Tensor.clone)
    # Torch's AdamW decays all that it is given.
    ours = Muon(0.02, nesterov=nesterov, adam_at=adam_at, weight_decay=0.3, exempt="none")
    params = {**weights(), "wide.weight": torch.randn(3, 9), "tall.weight": torch.randn(9, 3)}
    leaves = {name: value.clone().requires_grad_() for name, value in params.items()}
    matrices = [leaf for n, leaf in leaves.items() if leaf.dim() == 2 and n[:2] not in adam_at]
    assert len(matrices) == 3 - len(adam_at)
    rest = [leaf for leaf in leaves.values() if all(leaf is not one for one in matrices)]
    settings = {"lr": 0.02, "weight_decay": 0.3}
    theirs = (
        torch.optim.Muon(matrices, nesterov=nesterov, adjust_lr_fn="match_rms_adamw", **settings),
        torch.optim.AdamW(rest, **settings),
    )
    state = ours.init(params)
    for number in range(4):
        generator = torch.Generator().manual_seed(number)
        grads = {n: torch.randn(value.shape, generator=generator) for n, value in params.items()}
        for name, leaf in leaves.items():
            leaf.grad = grads[name].clone()
        for one in theirs:
            one.step()
        params, state = ours.update(grads, state, params, 1.0, FACTS)
    for name, leaf in leaves.items():
        torch.testing.assert_close(params[name], leaf.detach(), rtol=1e-4, atol=1e-5, msg=name)


def test_singular_values_come_near_one_and_their_directions_stay() -> None:
    matrix = torch.randn(12, 30, generator=torch.Generator().manual_seed(0)).double()
    found = orthogonal(matrix, 5)
    spread = torch.linalg.svdvals(found)
    assert float(spread.min()) > 0.6 and float(spread.max()) < 1.3
    u, _, v = torch.linalg.svd(matrix, full_matrices=False)
    turned = u.T @ found @ v.T
    torch.testing.assert_close(turned, turned.diagonal().diag(), rtol=0, atol=1e-9)
