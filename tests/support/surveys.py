"""A survey as a worker would make one, of a small chain of dense layers."""

from __future__ import annotations

from hikaku.training.survey import Survey

CHAIN = Survey(
    widths=(784, 100, 10),
    no_chain=None,
    not_taken=None,
    not_in_book=None,
    not_lifted=None,
    flops=1e6,
    zeros=0.0,
    activation_bytes=1000,
    parameters=79510,
    batch_norm=False,
    convolves=False,
    batch_size=100,
    micro=0,
    signature="s",
    program="p",
)
