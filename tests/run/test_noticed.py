"""Randomness that is not ours stands beside the verdict, and class names beside the results."""

from pathlib import Path

import pytest
from test_own_code import DATA, LAYERS, MODEL, study
from test_run import ran

pytestmark = pytest.mark.slow


def test_an_arm_that_draws_for_itself_brings_a_caution(tmp_path: Path) -> None:
    (tmp_path / "layers.py").write_text(LAYERS, "utf-8")
    (tmp_path / "my_data.py").write_text(
        DATA.replace("digits.target[:n]", "digits.target[:n].astype(str)").replace(
            "digits.target[:n]", "[f'digit {y}' for y in digits.target[:n]]", 1
        ).replace(".astype(str)", ""),
        "utf-8",
    )  # fmt: skip
    noisy = MODEL.replace("F.relu(self.fc1(x))", "F.relu(self.fc1(x + torch.rand_like(x)))")
    (tmp_path / "my_model.py").write_text("import torch\n" + noisy, "utf-8")
    found = ran(study(tmp_path, seeds=2), str(tmp_path / "store.db"))
    (finding,) = found.findings
    assert any("draws random numbers of its own" in str(said) for said in finding.cautions)
    assert found.results.classes()[:2] == ("digit 0", "digit 1")


def test_a_model_without_randomness_brings_none(tmp_path: Path) -> None:
    for name, text in (("my_model", MODEL), ("layers", LAYERS), ("my_data", DATA)):
        (tmp_path / f"{name}.py").write_text(text, "utf-8")
    found = ran(study(tmp_path, seeds=1), str(tmp_path / "store.db"))
    assert not any("random numbers" in str(said) for said in found.findings[0].cautions)
    assert found.results.classes() == ()


@pytest.mark.fault("D15")
def test_test_samples_that_were_trained_on_are_said_beside_the_finding(tmp_path: Path) -> None:
    for name, text in (("my_model", MODEL), ("layers", LAYERS), ("my_data", DATA)):
        (tmp_path / f"{name}.py").write_text(text, "utf-8")
    twice = DATA.replace(
        "return digits.data[:n] / 16, digits.target[:n]",
        "return [*digits.data[:n] / 16] * 2, [*digits.target[:n]] * 2",
    )
    (tmp_path / "my_data.py").write_text(twice, "utf-8")
    found = ran(study(tmp_path, seeds=1), str(tmp_path / "store.db"))
    assert any("test samples equal a training sample" in str(c) for c in found.findings[0].cautions)
