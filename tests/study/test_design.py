"""`[design]`: its arms, their names, what they are compared with, and each mistake in its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from small_house import STUDY

from hikaku.study.decode import from_mapping
from hikaku.study.study import Study

Decode = Callable[..., Study]
Mistakes = Callable[..., list[str]]

BASE = STUDY[: STUDY.index("[[variant]]")]
"""Adam at lr .01, dropout at p .2, 60 epochs in batches of 32."""


def design(decoded: Decode, lines: str) -> Study:
    return decoded(BASE + f"[design]\n{lines}\n")


def told(study: Study) -> list[tuple[str, str]]:
    return [(arm.name, arm.against) for arm in study.variants]


def test_one_at_a_time_is_each_value_alone_and_what_equals_base_is_base(
    decoded: Decode,
) -> None:
    study = design(
        decoded,
        'vary = { "optimizer.lr" = [0.01, 0.1], loss = ["label-smoothing"], epochs = [60] }',
    )
    assert told(study) == [("lr=0.1", "base"), ("label-smoothing", "base")]
    changes = [str(change) for change in study.variants[0].work.diff(study.base)]
    assert changes == ["optimizer: adam(lr=0.01, beta1=0.9) -> adam(lr=0.1, beta1=0.9)"]
    assert study.design is not None
    assert [(cell.arm, cell.levels) for cell in study.design.cells] == [
        ("base", (0, -1, -1)), ("lr=0.1", (1, -1, -1)), ("label-smoothing", (-1, 0, -1)),
    ]  # fmt: skip  # one line of cells


def test_a_grid_is_all_combinations_each_trained_once(decoded: Decode) -> None:
    study = design(
        decoded,
        'kind = "grid"\nvary = { "optimizer.lr" = [0.01, 0.1], layers = [[], ["batch-norm"]] }',
    )
    assert told(study) == [
        ("lr=0.01, batch-norm", "base"), ("lr=0.1", "base"), ("lr=0.1, batch-norm", "base"),
    ]  # fmt: skip  # one line of arms
    assert len({arm.work for arm in study.arms}) == len(study.arms) == 4


def test_compare_is_the_contrast_inside_each_cell_of_the_rest(decoded: Decode) -> None:
    study = design(
        decoded,
        'compare = "layers"\n'
        'vary = { "optimizer.lr" = [0.1, 0.01], layers = [[], ["batch-norm"]], epochs = [60, 30] }',
    )
    assert told(study) == [
        ("lr=0.1, epochs=60", ""),
        ("lr=0.1, epochs=30", ""),
        ("lr=0.1, batch-norm, epochs=60", "lr=0.1, epochs=60"),
        ("lr=0.1, batch-norm, epochs=30", "lr=0.1, epochs=30"),
        ("lr=0.01, epochs=30", ""),
        ("lr=0.01, batch-norm, epochs=60", "base"),
        ("lr=0.01, batch-norm, epochs=30", "lr=0.01, epochs=30"),
    ]
    assert [arm.name for arm in study.compared] == [name for name, other in told(study) if other]


def test_a_sweep_keeps_the_order_of_its_values(decoded: Decode) -> None:
    study = design(decoded, 'kind = "sweep"\nvary.optimizer.lr = [0.3, 0.000123456, 0.01, 0.1]')
    assert [name for name, _ in told(study)] == ["lr=0.3", "lr=0.00012", "lr=0.1"]
    assert study.design is not None
    assert study.design.axes[0].numbers == (0.3, 0.000123456, 0.01, 0.1)


def test_a_technique_of_a_list_is_varied_in_its_place_while_others_are_added(
    decoded: Decode,
) -> None:
    study = design(
        decoded,
        'kind = "grid"\nvary = { layers = [[], ["batch-norm"]], "layers.dropout.p" = [0.2, 0.4] }',
    )
    found = [[str(use).partition(",")[0] for use in arm.work.recipe.layers] for arm in study.arms]
    assert found == [
        ["dropout(p=0.2"], ["dropout(p=0.4"],
        ["dropout(p=0.2", "batch-norm(eps=1e-05"], ["dropout(p=0.4", "batch-norm(eps=1e-05"],
    ]  # fmt: skip  # one line per layers
    exchanged = design(decoded, 'vary."layers.dropout" = ["batch-norm"]')
    assert [use.name for use in exchanged.variants[0].work.recipe.layers] == ["batch-norm"]


def test_model_and_data_are_varied_and_values_are_names_or_tables(decoded: Decode) -> None:
    study = design(
        decoded,
        'vary = { model = ["mlp", { use = "mlp", hidden = [9] }], "model.dense" = [64], '
        '"data.train" = [240, "all"] }',
    )
    assert [name for name, _ in told(study)] == [
        "mlp", "mlp(hidden=[9])", "dense=64", "train=240", "train=all",
    ]  # fmt: skip  # one line of names


def test_a_design_stands_beside_variants_and_they_may_name_its_arms(decoded: Decode) -> None:
    study = decoded(
        BASE + '[design]\nvary."optimizer.lr" = [0.1]\n'
        '[[variant]]\nname = "both"\nagainst = "lr=0.1"\n'
        'optimizer = { use = "adam", lr = 0.1 }\nloss = "label-smoothing"\n'
    )
    assert told(study) == [("lr=0.1", "base"), ("both", "lr=0.1")]


LR = "design.vary.'optimizer.lr'"
WRONG = [
    ('vary = { "optimizer.rl" = [0.1] }', "Did you mean 'optimizer.lr'?"),
    ('vary = { "recipe.optimizer.lr" = [1] }', "Did you mean 'optimizer.lr'?"),
    ('vary = { "optimizer.lr" = 0.1 }', f"{LR}: must be a list of values, not 0.1."),
    ('vary = { "optimizer.lr" = [0.1, -1] }', f"{LR}[1]: must be > 0, not -1."),
    ('vary = { "optimizer.lr" = [0.1, 0.10] }', f"{LR}[1]: this makes an arm that is there"),
    ('kind = "all"\nvary.epochs = [1]', "design.kind: must be one of: one-at-a-time, grid, sweep"),
    (
        'kind = "sweep"\nvary = { epochs = [1], batch_size = [8] }',
        "kind: a sweep varies one place",
    ),
    ('kind = "sweep"\ncompare = "epochs"\nvary.epochs = [1]', "design.kind: 'compare' compares"),
    ('compare = "epoch"\nvary.epochs = [1]', "'epoch' is not varied. Did you mean 'epochs'?"),
    ('compare = "epochs"\nvary.epochs = [1, 2]', "design.compare: no cell of this grid is base"),
    ('kind = "grid"', "design.vary: must be written."),
    (
        'kind = "grid"\nvary = { optimizer = ["adamw"], "optimizer.lr" = [0.1] }',
        f"{LR}: 'optimizer', which is varied too, holds this.",
    ),
]


@pytest.mark.parametrize(("lines", "fault"), WRONG)
def test_a_wrong_design_is_answered_at_the_value_at_fault(
    mistakes: Mistakes, lines: str, fault: str
) -> None:
    (found,) = mistakes(BASE + f"[design]\n{lines}\n")
    assert fault in found


def test_all_mistakes_of_a_design_come_at_once_and_each_once(mistakes: Mistakes) -> None:
    found = mistakes(
        BASE + '[design]\nkind = "grid"\n'
        'vary = { "optimizer.lr" = [0.1, "x"], epochs = [0, 1], '
        'loss = [{ use = "label-smoothing", amount = 3 }] }\n'
    )
    assert len(found) == 3


@pytest.mark.parametrize(
    ("name", "fault"),
    [("nobody", "there is no arm 'nobody'"), ("v", "a variant cannot be compared with itself.")],
)
def test_a_variant_is_compared_with_another_arm_of_the_study(
    mistakes: Mistakes, name: str, fault: str
) -> None:
    (found,) = mistakes(BASE + f'[[variant]]\nname = "v"\nepochs = 3\nagainst = "{name}"\n')
    assert fault in found and "variant[0].against" in found


def test_settings_of_a_function_of_the_users_are_varied_too(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def train(settings, seed, report): ...\n")
    study = from_mapping(
        {
            "format": 1, "metric": "accuracy", "worth": 0.1, "train": "mine.py:train",
            "settings": {"lr": 0.1, "depth": 2},
            "design": {"kind": "grid", "vary": {"settings.lr": [0.1, 1], "settings.depth": [2, 3]}},
        },
        name="mine",
        folder=tmp_path,
    )  # fmt: skip  # the keys of a study
    assert [arm.name for arm in study.arms] == [
        "base", "lr=0.1, depth=3", "lr=1, depth=2", "lr=1, depth=3",
    ]  # fmt: skip  # one line of names
