"""The anytime-valid t test: no horizon, so one may go on for as long as one likes.

Eats: the t statistic of n differences. Makes: the evidence against mean 0, or the |t| that decides.

The likelihood ratio of the t statistic, mixed over the true effect in units of the spread,
mean / sd ~ Normal(0, 1 / phi), is a nonnegative martingale of the path of t statistics that starts
at 1 (the spread drops out under its right Haar prior). By Ville's inequality a true null hypothesis
lets it ever reach 1 / alpha with probability at most alpha: Wang and Ramdas, "Anytime-valid t-tests
and confidence sequences for Gaussian means with unknown variance", arXiv 2310.03722, where phi is
c². The promise is for independent normal differences.
"""

from __future__ import annotations

import math

PHI = 2.0
"""The precision of the mixture: effects of about 1 / √2 of a standard deviation are expected."""


def e_value(t: float, n: int, phi: float = PHI) -> float:
    """Return the evidence of n differences against mean 0; 1 says nothing, 20 rejects at .05.

    √r · ((1 + t²/ν) / (1 + r t²/ν))^(n/2), with ν = n - 1 and r = phi / (phi + n), for the
    one-sample `t` of either sign, finite or not, and `phi` > 0. Below n = 2 no spread is known: 1.
    Infinite where it passes the largest float.
    """
    if n < 2:
        return 1.0
    r = phi / (phi + n)
    # The same fraction, so written that t may be infinite.
    fraction = 1 / (r + (1 - r) / (1 + t * t / (n - 1)))
    log = (math.log(r) + n * math.log(fraction)) / 2
    return math.exp(log) if log < 709 else math.inf


def critical(n: int, alpha: float, phi: float = PHI) -> float:
    """Return the |t| with n - 1 degrees of freedom from which on `e_value` is at least 1 / alpha.

    √(ν (1 - k) / (k - r)), with k = (r alpha²)^(1/n); infinite where k <= r, since then no t is
    enough. `alpha` in (0, 1). mean ± critical · s / √n covers the true mean at all n together with
    probability at least 1 - alpha.
    """
    if n < 2:
        return math.inf
    r = phi / (phi + n)
    k = (r * alpha**2) ** (1 / n)
    return math.sqrt((n - 1) * (1 - k) / (k - r)) if k > r else math.inf
