"""One fake study for the whole room, built once."""

import fake_study
import pytest

HOSTILE = (
    "<script>alert(1)</script>",
    "[bold red]loud[/]",
    "\x1b[31mred\x1b[0m\x07",
    "‮gnip-gnop‬",
    "a\nb\r\nc\u2028d",
    "' onmouseover=alert(1) x='",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }} {% raw %}",
    "${datum.x} \\u0000 :smile: </style><style>",
)
"""Names that would act if anything believed them."""


@pytest.fixture(scope="session")
def digits() -> fake_study.Whole:
    return fake_study.whole()


@pytest.fixture(scope="session")
def hostile() -> fake_study.Whole:
    return fake_study.whole(fake_study.study(HOSTILE))
