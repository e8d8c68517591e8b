"""The standing metrics agree with scikit-learn's."""

import numpy as np
import pytest
from scipy.special import softmax
from sklearn import metrics as oracle

from hikaku.training import metrics

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(size=(300, 7))
TARGETS = RNG.integers(0, 7, 300)
LOGITS[np.arange(300), TARGETS] += 1.0
ANSWERS = LOGITS.argmax(1)
SHARES = softmax(LOGITS, axis=1)
CLASSIFICATION = {
    "loss": oracle.log_loss(TARGETS, SHARES, labels=range(7)),
    "accuracy": oracle.accuracy_score(TARGETS, ANSWERS),
    "balanced-accuracy": oracle.balanced_accuracy_score(TARGETS, ANSWERS),
    "f1-macro": oracle.f1_score(TARGETS, ANSWERS, average="macro"),
    "top-5": oracle.top_k_accuracy_score(TARGETS, SHARES, k=5),
    "auroc": oracle.roc_auc_score(TARGETS, SHARES, multi_class="ovr"),
}


@pytest.mark.parametrize("name", CLASSIFICATION)
def test_classification_agrees_with_scikit_learn(name: str) -> None:
    found = metrics.classification(LOGITS, TARGETS, (name,))
    assert found[name] == pytest.approx(CLASSIFICATION[name], abs=1e-12)


def test_regression_agrees_with_scikit_learn() -> None:
    truth, answer = RNG.normal(size=50), RNG.normal(size=(50, 1))
    found = metrics.regression(answer, truth, metrics.REGRESSION)
    assert found["loss"] == pytest.approx(oracle.mean_squared_error(truth, answer))
    assert found["rmse"] == pytest.approx(oracle.root_mean_squared_error(truth, answer))
    assert found["mae"] == pytest.approx(oracle.mean_absolute_error(truth, answer))
    assert found["r2"] == pytest.approx(oracle.r2_score(truth, answer))


def test_the_confusion_matrix_has_the_true_classes_in_its_rows() -> None:
    assert (metrics.confusion(LOGITS, TARGETS) == oracle.confusion_matrix(TARGETS, ANSWERS)).all()


def test_a_class_that_does_not_occur_gives_no_auroc_and_no_warning() -> None:
    found = metrics.classification(LOGITS, TARGETS % 6, ("auroc", "balanced-accuracy"))
    assert np.isnan(found["auroc"])
    assert found["balanced-accuracy"] > 0


def test_outputs_that_are_not_finite_come_through_as_such() -> None:
    broken = LOGITS.copy()
    broken[0, 0] = np.nan
    assert np.isnan(metrics.classification(broken, TARGETS, ("loss",))["loss"])
    broken[0, 0] = np.inf
    assert not np.isfinite(metrics.classification(broken, TARGETS, ("loss", "auroc"))["loss"])
