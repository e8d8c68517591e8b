"""What the lessons say is true: slopes, spreads, penalties and trajectories, checked otherwise."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hikaku.errors import StudyError
from hikaku.present.terminal import text
from hikaku.read.lessons.layer_outputs import layer_outputs
from hikaku.read.lessons.penalties import BEST, CURVATURE, edge, penalties, size
from hikaku.read.lessons.slopes import slopes
from hikaku.read.lessons.spreads import spreads
from hikaku.read.lessons.ways import ways


def test_the_sigmoids_steepest_slope_is_a_quarter_at_0() -> None:
    peaks = {found["name"]: found for found in slopes().as_json()["functions"]}
    sigmoid = peaks["sigmoid"]
    assert (sigmoid["peak"], sigmoid["peak_from"], sigmoid["peak_to"]) == (0.25, 0.0, 0.0)
    assert peaks["tanh"]["peak"] == peaks["relu"]["peak"] == peaks["leaky-relu"]["peak"] == 1.0
    assert peaks["relu"]["peak_from"] > 0
    said = text(slopes().report(), "en")
    assert "0.25  x = 0" in said and "0.25^10 = 9.5e-07" in " ".join(said.split())


def test_normal_spreads_much_wider_than_he_and_he_than_xavier() -> None:
    normal, he, xavier = (rule.std for rule in spreads().rules)
    assert (normal, he, xavier) == (1.0, math.sqrt(2 / 256), 1 / 16)
    assert [rule["density"] for rule in spreads(16).as_json()["rules"]] == pytest.approx(
        [0.39894, 0.39894 / math.sqrt(2 / 16), 0.39894 * 4], rel=1e-4
    )


def spread_of(activation: str, batch_norm: bool = False) -> dict[str, list[dict[str, float]]]:
    found = layer_outputs(activation, batch_norm, seed=3).as_json()
    return {row["name"]: row["layers"] for row in found["inits"]}


def test_wide_weights_saturate_sigmoids_and_narrow_ones_make_outputs_alike() -> None:
    found = spread_of("sigmoid")
    assert all(layer["lost"] > 0.4 for layer in found["normal, std 1"])
    assert found["normal, std 0.01"][4]["std"] < 0.03
    assert found["xavier"][4]["std"] > 0.08 and found["xavier"][4]["lost"] < 0.01


def test_he_keeps_the_spread_of_relus_and_xavier_loses_it() -> None:
    found = spread_of("relu")
    kept = {name: layers[4]["std"] / layers[0]["std"] for name, layers in found.items()}
    assert 0.6 < kept["he"] < 1.7 and kept["xavier"] < 0.5
    assert kept["normal, std 1"] > 1000 and kept["normal, std 0.01"] < 1e-3


def test_with_batch_norm_all_inits_are_alike() -> None:
    found = spread_of("tanh", batch_norm=True)
    last = [layers[4]["std"] for layers in found.values()]
    assert max(last) - min(last) < 0.01 and spread_of("tanh")["normal, std 0.01"][4]["std"] < 1e-3


def test_the_shares_of_a_histogram_are_all_outputs() -> None:
    for activation in ("sigmoid", "tanh", "relu"):
        for layers in spread_of(activation).values():
            assert all(sum(layer["shares"]) == pytest.approx(1) for layer in layers)


def test_a_seed_draws_the_same_outputs_again_and_another_seed_others() -> None:
    one, again, other = (layer_outputs("relu", seed=seed).as_json() for seed in (1, 1, 2))
    assert one == again and one["inits"] != other["inits"]


def test_l1_sets_a_weight_to_exactly_0_and_the_others_do_not() -> None:
    found = {m.id: m for m in penalties().meetings}
    assert found["l1"].weights[0] == 0.0 and found["l1"].weights[1] == pytest.approx(1)
    assert found["elastic-net"].weights[0] > 0.1 and found["l2"].weights[0] > 0.1
    said = text(penalties().report(), "en")
    assert [line.split()[-3:] for line in said.splitlines() if line.startswith("L1: ")] == [
        ["0", "1.000", "0.565"]
    ]


def test_no_other_point_of_an_edge_has_a_lower_loss() -> None:
    for meeting in penalties().meetings:
        away = edge(meeting.share) - BEST
        losses = np.einsum("pi,ij,pj->p", away, CURVATURE, away) / 2
        assert meeting.loss == pytest.approx(losses.min(), abs=1e-4)
        assert meeting.loss <= losses.min() + 1e-9
        assert size(np.array(meeting.weights), meeting.share) == pytest.approx(1)


def test_the_elastic_nets_edge_lies_between_those_of_l1_and_l2() -> None:
    l1, net, l2 = (np.hypot(*edge(share).T) for share in (1.0, 0.5, 0.0))
    assert (l1 <= net + 1e-12).all() and (net <= l2 + 1e-12).all() and (net < l2 - 0.05).any()


def test_the_five_end_where_they_were_computed_to_end() -> None:
    ends = {way["optimizer"]: way["end"] for way in ways().as_json()["ways"]}
    wanted = {"adagrad": 0.0007, "sgd": 0.013, "momentum": 0.048, "adam": 0.10, "rmsprop": 0.60}
    for name, end in wanted.items():
        assert ends[name] == pytest.approx(end, rel=0.05), name
    said = text(ways().report(), "en")
    order = [line.split()[0] for line in said.splitlines()[4:9]]
    assert order == ["AdaGrad", "SGD", "Momentum", "Adam", "RMSProp"]


def test_a_subset_with_settings_of_its_own_is_followed() -> None:
    found = ways(["sgd", "adam"], ["sgd.lr=0.5"], (1.0, 1.0), 1)
    assert [way.id for way in found.ways] == ["sgd", "adam"]
    # One step of 0.5 against (x/10, 2y).
    assert found.ways[0].path.tolist() == [[1, 1], [0.95, 0]]


def test_a_way_that_leaves_all_numbers_is_told_and_not_a_crash() -> None:
    found = ways(["sgd"], ["sgd.lr=1e9"], steps=100)
    assert found.as_json()["ways"][0]["end"] is None
    assert "–" in text(found.report(), "en")


@pytest.mark.parametrize(
    ("names", "changes", "what"),
    [
        (["sdg"], [], "there is no optimizer 'sdg'. Did you mean 'sgd'"),
        ([], ["sgd.rl=1"], "SGD has no setting 'rl'. Did you mean 'lr'"),
        (["sgd"], ["adam.lr=1"], "no optimizer 'adam' is drawn"),
        ([], ["sgd=1"], "SGD has no setting ''"),
        ([], ["sgd.lr=1", "sgd=1"], "SGD has no setting ''"),
        ([], ["sgd.lr=-1"], "must be a number from 0 on, not -1"),
        ([], ["adam.beta2=1"], "must be a number from 0 to below 1, not 1"),
        ([], ["sgd.lr=big"], "not big"),
        ([], ["sgd.lr=nan"], "not nan"),
        ([], ["sgd.lr"], "key=value"),
    ],
)
def test_a_wrong_optimizer_or_setting_is_refused(
    names: list[str], changes: list[str], what: str
) -> None:
    with pytest.raises(StudyError, match=what):
        ways(names, changes)
