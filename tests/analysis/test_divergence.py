"""Divergence as an endpoint: exact at every look, by counting all paths."""

from __future__ import annotations

from itertools import product

import pytest
from scipy import stats

from hikaku.analysis.divergence import NEVER, at_one_look, boundary, diverges_more


@pytest.mark.parametrize("alpha", [0.05, 0.025, 0.01, 0.05 / 15])
@pytest.mark.parametrize("most", [5, 8, 14])
def test_the_chance_of_ever_crossing_is_at_most_alpha(alpha, most):
    crossed = 0
    for flips in product((0, 1), repeat=most):
        ones = 0
        for count, flip in enumerate(flips, 1):
            ones += flip
            if diverges_more(ones, count - ones, most, alpha, auto=True):
                crossed += 1
                break
    assert crossed / 2**most <= alpha
    # It is used as far as whole paths allow: what decides earliest decides.
    earliest = next((n for n in range(1, most + 1) if 2 / 2**n <= alpha), None)
    assert (crossed > 0) == (earliest is not None)
    if earliest:
        assert boundary(alpha, most)[earliest] == earliest
        assert set(boundary(alpha, most)[:earliest]) == {NEVER}


@pytest.mark.parametrize(("family", "decisive"), [(1, 6), (2, 7), (5, 8), (15, 10)])
@pytest.mark.parametrize("auto", [True, False])
def test_from_so_many_seeds_on_one_side_it_is_decided(family, decisive, auto):
    alpha = 0.05 / family
    for n in range(decisive):
        assert diverges_more(n, 0, 20, alpha, auto=auto) is None
        assert diverges_more(0, n, 20, alpha, auto=auto) is None
    assert diverges_more(decisive, 0, 20, alpha, auto=auto) == "variant"
    assert diverges_more(0, decisive, 20, alpha, auto=auto) == "base"


@pytest.mark.parametrize("alpha", [0.05, 0.01])
def test_one_look_is_the_binomial_test(alpha):
    for count in range(31):
        needed = at_one_look(count, alpha)
        tails = [stats.binomtest(k, count).pvalue <= alpha for k in range(count + 1) if count]
        decisive = [k for k in range(count + 1) if count and tails[k] and 2 * k > count]
        assert needed == (decisive[0] if decisive else NEVER)


def test_the_boundary_does_not_hang_on_how_many_seeds_may_come():
    assert boundary(0.05, 30)[:13] == boundary(0.05, 12)


def test_the_same_number_on_both_sides_says_nothing():
    for n in range(11):
        assert diverges_more(n, n, 20, 0.05, auto=True) is None
        assert diverges_more(n, n, 20, 0.05, auto=False) is None
