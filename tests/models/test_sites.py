"""Sites are calls of functions: however a model is written, they are found."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hikaku.models import zoo
from hikaku.models.sites import Sites
from hikaku.models.watch import probe


class Functional(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(6, 5), nn.Linear(5, 5), nn.Linear(5, 3)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.fc1(x))
        x = self.relu(self.fc2(x.relu()))
        return self.fc3(self.relu(F.dropout(x, 0.3, self.training)))


def found(model: nn.Module, *shape: int) -> Sites:
    return probe(model, torch.zeros(2, *shape))


def test_functional_calls_methods_and_modules_are_all_seen() -> None:
    sites = found(Functional(), 6)
    assert [(site.path, site.kind, site.call) for site in sites.all] == [
        ("fc1", "weight", 0),
        ("", "activation", 0),
        ("", "activation", 1),
        ("fc2", "weight", 0),
        ("relu", "activation", 0),
        ("", "dropout", 0),
        ("relu", "activation", 1),
        ("fc3", "weight", 0),
    ]
    assert sites.all[5].p == 0.3
    assert [site.path for site in sites.all if site.head] == ["fc3"]


def test_sites_know_the_shapes_without_the_batch() -> None:
    sites = found(zoo.small_cnn((1, 8, 8), 10), 1, 8, 8)
    convs = sites.weights("conv")
    assert [(site.inputs, site.outputs) for site in convs] == [
        ((1, 8, 8), (32, 8, 8)),
        ((32, 4, 4), (64, 4, 4)),
        ((64, 2, 2), (128, 2, 2)),
    ]
    assert [site.inputs for site in sites.weights("linear", heads=True)] == [(128,), (128,)]


def test_patterns_choose_weights_and_the_activations_behind_them() -> None:
    sites = found(zoo.lenet((1, 28, 28), 10), 1, 28, 28)
    assert [site.path for site in sites.weights(at=["fc*"])] == ["fc1", "fc2", "fc3"]
    assert [site.path for site in sites.weights()] == ["conv1", "conv2", "fc1", "fc2"]
    assert [site.index for site in sites.activations(at=["conv2"])] == [3]
    last = sites.weights(at=["fc3"])[0]
    assert sites.activation_after(last) is None
    assert sites.first(sites.all[0]) and not sites.first(last)


def test_probing_leaves_the_model_as_it_was() -> None:
    model = Functional()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    found(model, 6)
    assert model.training and not model._forward_hooks and not model.fc1._forward_pre_hooks
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
