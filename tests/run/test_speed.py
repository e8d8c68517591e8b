"""How long a batch takes where nothing like it was measured."""

from __future__ import annotations

import pytest

from hikaku.execution.arithmetic import Arithmetic
from hikaku.execution.plan import Batch, Group
from hikaku.run.speed import EXPECTED, EXPECTED_BY_AMX, minutes_of
from hikaku.words import message


def minutes(arithmetic: Arithmetic) -> float:
    group = Group(str(arithmetic), arithmetic.engine)
    batch = Batch(group, (("key", None),), (6e12,), 1, message("one"))  # type: ignore[arg-type]  # no trial is looked at
    return minutes_of(batch, 0.0, 1e11, 1)


def test_convolutions_by_amx_are_expected_to_be_faster_than_products_in_fp32() -> None:
    assert minutes(Arithmetic()) == pytest.approx(1 / EXPECTED["plain"])
    by_amx = Arithmetic(dtype="bf16", kernels="amx")
    assert minutes(by_amx) == pytest.approx(1 / EXPECTED_BY_AMX)
