import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hikaku.data.proportion import interleaved

COUNTS = st.lists(st.integers(0, 60), min_size=1, max_size=9).filter(any).map(tuple)


@settings(deadline=None)
@given(counts=COUNTS)
def test_every_beginning_holds_each_class_in_proportion_rounded_down_or_up(counts) -> None:
    n = sum(counts)
    places = interleaved(counts, n)
    so_far = np.cumsum(np.eye(len(counts), dtype=int)[places], axis=0)
    share = np.arange(1, n + 1)[:, None] * np.array(counts)
    assert (so_far >= share // n).all()
    assert (so_far <= -(-share // n)).all()
    assert so_far[-1].tolist() == list(counts)


@settings(deadline=None)
@given(counts=COUNTS, data=st.data())
def test_a_shorter_order_is_the_beginning_of_a_longer_one(counts, data) -> None:
    size = data.draw(st.integers(0, sum(counts)))
    longer = interleaved(counts, sum(counts))
    assert interleaved(counts, size).tolist() == longer[:size].tolist()


def test_no_class_ever_loses_a_place_as_the_whole_grows() -> None:
    # Shares of 6 : 6 : 2, where largest remainders give the third class 2 of 10 and 1 of 11.
    places = interleaved((6, 6, 2), 14).tolist()
    thirds = [places[:size].count(2) for size in range(15)]
    assert thirds == sorted(thirds)
