"""Many questions to a pool at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from hikaku.execution.dispatch import OVER, POLL_SECONDS
from hikaku.execution.orders import Finished, Lost, Pool, Question


def answers(pool: Pool, questions: Mapping[str, Question]) -> dict[str, str]:
    """Return what the pool answers, by the questions' names; what failed is left out.

    A worker that died may have been ended by somebody: its question is asked once more.
    """
    waiting, asked, found = deque(questions), dict[int, str](), dict[str, str]()
    again = set(questions)
    while waiting or asked:
        for hand in pool.free():
            if waiting:
                asked[id(hand)] = waiting.popleft()
                hand.give(questions[asked[id(hand)]])
        for hand, event in list(pool.events(POLL_SECONDS)):
            name = asked.pop(id(hand), None) if isinstance(event, OVER) else None
            if name is not None and isinstance(event, Finished):
                found[name] = event.answer
            elif name in again and isinstance(event, Lost):
                again.discard(name)
                waiting.append(name)
    return found
