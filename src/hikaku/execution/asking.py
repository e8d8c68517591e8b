"""Many questions to a pool at once."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping

from hikaku.execution.dispatch import ATTEMPTS, OVER, POLL_SECONDS
from hikaku.execution.orders import Finished, Lost, Pool, Question


def answers(pool: Pool, questions: Mapping[str, Question]) -> dict[str, str]:
    """Return what the pool answers, by the questions' names; what failed is left out.

    A worker that was killed may have been so by anybody: its question is asked again, as often as
    a trial would be.
    """
    waiting, asked, found = deque(questions), dict[int, str](), dict[str, str]()
    deaths = Counter[str]()
    while waiting or asked:
        for hand in pool.free():
            if waiting:
                asked[id(hand)] = waiting.popleft()
                hand.give(questions[asked[id(hand)]])
        for hand, event in list(pool.events(POLL_SECONDS)):
            name = asked.pop(id(hand), None) if isinstance(event, OVER) else None
            if name is not None and isinstance(event, Finished):
                found[name] = event.answer
            elif name is not None and isinstance(event, Lost):
                deaths[name] += 1
                if deaths[name] < ATTEMPTS:
                    waiting.append(name)
    return found
