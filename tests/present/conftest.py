"""One fake study for the whole room, built once."""

import fake_study
import pytest

from hikaku.present import html

HOSTILE = (
    "<script>alert(1)</script>",
    "[bold red]loud[/] :smile: \x1b[31mred\x1b[0m\x07",
    "a\nb\r\nc\u2028d \u202egnip-gnop\u202c",
    "' onload=alert(1) x='\"><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }} {% raw %} ${datum.x} \\u0000 </style><style>",
)
"""Names that would act if anything believed them."""


@pytest.fixture(scope="session")
def digits() -> fake_study.Whole:
    return fake_study.whole()


@pytest.fixture(scope="session")
def hostile() -> fake_study.Whole:
    return fake_study.whole(fake_study.study(HOSTILE))


@pytest.fixture(scope="session")
def page(digits: fake_study.Whole) -> str:
    return html.page(digits.report())


@pytest.fixture(scope="session")
def hostile_page(hostile: fake_study.Whole) -> str:
    return html.page(hostile.report())
