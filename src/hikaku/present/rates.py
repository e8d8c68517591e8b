"""How a learning rate is drawn: one curve over the epochs. Eats `Rates`, makes a specification."""

from __future__ import annotations

from typing import Any

import altair as alt

from hikaku.present.canvas import VARIANT, finished, rounded, rows
from hikaku.present.lessons import Rates
from hikaku.present.report import spoken
from hikaku.words import message


def rates(picture: Rates, language: str) -> dict[str, Any]:
    """Draw the learning rate over the epochs, from 0 up, with the area below it tinted."""
    data = [
        {"epoch": rounded(epoch), "rate": rounded(rate)}
        for epoch, rate in zip(picture.epochs.tolist(), picture.rates.tolist(), strict=True)
    ]
    mark = alt.Chart(rows(data)).mark_area(
        color=VARIANT, fillOpacity=0.15, line={"color": VARIANT, "strokeWidth": 2}
    )
    curve = mark.encode(
        x=alt.X("epoch:Q", title=spoken(message("epoch"), language))
        .scale(nice=False)
        .axis(tickCount=10),
        y=alt.Y("rate:Q", title=spoken(message("learning rate"), language)).axis(
            format="~g", tickCount=6
        ),
    )
    return finished(curve.properties(width=620, height=280), 760)
