"""Edits act where they were asked for, on a copy, and change nothing else."""

import copy

import pytest
import torch
from test_sites import Functional
from torch import Tensor, nn
from torch.nn import functional as F

from hikaku.errors import StudyError
from hikaku.models import zoo
from hikaku.models.noise import Dropout
from hikaku.models.surgery import Surgery, noise_layers
from hikaku.models.watch import check_calls, probe

X = torch.arange(12.0).reshape(2, 6) / 10


class Plus(nn.Module):
    def __init__(self, amount: float) -> None:
        super().__init__()
        self.amount = nn.Parameter(torch.tensor(amount))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.amount


def surgery_of(model: nn.Module) -> Surgery:
    return Surgery(model, probe(model, X))


def test_the_keys_of_the_state_do_not_change_and_new_ones_carry_site_and_technique() -> None:
    model = Functional()
    surgery = surgery_of(model)
    site = probe(model, X).weights()[0]
    surgery.insert(site, "output", Plus(0.0), "normalisation", "plus")
    edited = surgery.finish(record_activations=False)
    extra = set(edited.state_dict()) - set(model.state_dict())
    assert extra == {"hikaku.fc1:plus.amount"}
    assert set(model.state_dict()) <= set(edited.state_dict())


def test_a_layer_on_the_output_and_on_the_input_act_there() -> None:
    model = Functional().eval()
    sites = probe(model, X)
    for where, expected in (
        ("output", lambda x: model.fc1(x) + 1.5),
        ("input", lambda x: model.fc1(x + 1.5)),
    ):
        surgery = Surgery(model, sites)
        surgery.insert(sites.weights()[0], where, Plus(1.5), "normalisation", "plus")
        edited = surgery.finish(record_activations=False).eval()
        hidden = torch.relu(torch.relu(expected(X)))
        answer = model.fc3(torch.relu(torch.relu(model.fc2(hidden))))
        assert torch.equal(edited(X), answer)


def test_at_one_place_normalisation_comes_before_noise_whoever_asked_first() -> None:
    model = Functional().eval()
    surgery = surgery_of(model)
    site = probe(model, X).weights()[0]
    surgery.insert(site, "output", nn.Hardtanh(), "noise", "late")
    surgery.insert(site, "output", Plus(10.0), "normalisation", "early")
    edited = surgery.finish(record_activations=True).eval()
    edited(X)
    assert bool((edited.hikaku_trace.activations["fc1 > model"] <= 1).all())


def test_one_call_of_a_reused_module_is_swapped_and_the_other_is_not() -> None:
    model = Functional().eval()
    sites = probe(model, X)
    surgery = Surgery(model, sites)
    surgery.swap(sites.all[6], nn.Tanh(), "tanh")
    edited = surgery.finish(record_activations=False).eval()
    hidden = torch.relu(model.fc2(torch.relu(model.fc1(X))))
    assert torch.equal(edited(X), model.fc3(torch.tanh(hidden)))


def test_the_models_own_dropout_waits_for_our_noise() -> None:
    edited = surgery_of(Functional()).finish(record_activations=False)
    ((path, layer),) = noise_layers(edited).items()
    assert isinstance(layer, Dropout) and path == "hikaku.model:own-dropout"
    values = {f"{path}.noise": torch.zeros(2, 5)}
    dropped = torch.func.functional_call(edited.train(), values, (X,))
    assert torch.equal(dropped, edited.fc3(torch.zeros(2, 5)))


def test_an_edited_model_survives_a_deep_copy_and_gives_the_gradients_of_its_own_weights() -> None:
    model = Functional().eval()
    surgery = surgery_of(model)
    for site in probe(model, X).weights():
        surgery.insert(site, "output", Plus(0.5), "normalisation", "plus")
    edited = surgery.finish(record_activations=False).eval()
    twin = copy.deepcopy(edited)
    with torch.no_grad():
        for name, value in twin.named_parameters():
            if name.endswith("amount"):
                value.fill_(3.0)
    assert not torch.equal(edited(X), twin(X))
    twin(X).sum().backward()
    assert all(value.grad is None for value in edited.parameters())
    assert all(value.grad is not None for value in twin.parameters())


def test_gradients_are_right_under_activation_checkpointing() -> None:
    class Checkpointed(Functional):
        def forward(self, x: Tensor) -> Tensor:
            again = torch.utils.checkpoint.checkpoint
            return again(super().forward, x, use_reentrant=False)

    torch.random.default_generator.manual_seed(0)
    plain, saving = Functional(), Checkpointed()
    saving.load_state_dict(plain.state_dict())
    grads = []
    for model in (plain, saving):
        surgery = surgery_of(model)
        for site in probe(model, X).weights():
            surgery.insert(site, "output", Plus(0.5), "normalisation", "plus")
        edited = surgery.finish(record_activations=False).eval()
        edited(X).square().sum().backward()
        grads.append({name: value.grad for name, value in edited.named_parameters()})
    assert all(torch.equal(grads[0][name], grads[1][name]) for name in grads[0])


def test_a_model_that_raises_can_be_run_again() -> None:
    model = zoo.mlp((6,), 3, (5,))
    sites = probe(model, X)
    surgery = Surgery(model, sites)
    surgery.swap(sites.activations()[0], nn.Tanh(), "tanh")
    edited = surgery.finish(record_activations=False).eval()
    answer = edited(X)
    try:
        edited(torch.zeros(2, 7))
    except RuntimeError:
        pass
    else:
        raise AssertionError("a wrong shape was accepted")
    assert torch.equal(edited(X), answer)


class Calls(nn.Module):
    """Calls one function of its own between two layers."""

    def __init__(self, call: object) -> None:
        super().__init__()
        self.fc1, self.fc2, self.call = nn.Linear(6, 5), nn.Linear(5, 3), call

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(self.call(self.fc1(x), self.training))


def test_dropout_that_is_never_off_is_left_to_the_model() -> None:
    sites = probe(Calls(lambda x, training: F.dropout(x, 0.5)), X)
    assert [site.fixed for site in sites.all] == [False, True, False]
    model = Calls(lambda x, training: torch.dropout(x, 0.5, True))
    assert not noise_layers(surgery_of(model).finish(record_activations=False))


def test_dropout_that_is_never_on_stays_off() -> None:
    model = Calls(lambda x, training: F.dropout(x, 0.5, training=False))
    edited = surgery_of(model).finish(record_activations=False).train()
    assert torch.equal(edited(X), model(X))


@pytest.mark.parametrize(
    "call",
    [
        lambda x, training: F.dropout(x, p=0.25, training=training),
        lambda x, training: torch.dropout(x, 0.25, training),
        lambda x, training: F.dropout(x, 0.25, training, True),
    ],
)
def test_its_probability_is_read_however_it_is_written(call: object) -> None:
    (dropout,) = (site for site in probe(Calls(call), X).all if site.kind == "dropout")
    assert (dropout.p, dropout.op, dropout.fixed) == (0.25, "dropout", False)


def test_calls_without_gradients_are_no_places_for_edits() -> None:
    class Swish(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * torch.sigmoid(x)

    def frozen(x: Tensor, training: bool) -> Tensor:
        with torch.no_grad():
            return torch.tanh(x)

    for call in (lambda x, training: Swish.apply(x), frozen):
        sites = probe(Calls(call), X)
        assert not sites.activations() and len(sites.all) == 3


def test_an_edit_behind_a_call_in_place_is_seen_by_who_kept_the_input() -> None:
    def call(x: Tensor, training: bool) -> Tensor:
        kept = x
        F.relu(x, inplace=True)
        return kept

    surgery = surgery_of(model := Calls(call))
    surgery.swap(probe(model, X).activations()[0], nn.Tanh(), "tanh")
    edited = surgery.finish(record_activations=False)
    assert torch.equal(edited(X), model.fc2(torch.tanh(model.fc1(X))))


def test_calls_of_another_number_than_seen_are_refused() -> None:
    again = {"times": 1}

    def call(x: Tensor, training: bool) -> Tensor:
        for _ in range(again["times"]):
            x = torch.relu(x)
        return x

    surgery = surgery_of(model := Calls(call))
    surgery.swap(probe(model, X).activations()[0], nn.Tanh(), "tanh")
    edited = surgery.finish(record_activations=False)
    for times in (1, 0):
        again["times"] = times
        edited(X)
        check_calls(edited)
    again["times"] = 2
    edited(X)
    with pytest.raises(
        StudyError, match="calls in forward changes: 2 of the kind activation, and 1"
    ):
        check_calls(edited)


def test_a_layer_joins_the_precision_of_its_site() -> None:
    model = Calls(lambda x, training: torch.relu(x)).double()
    sites = probe(model, X.double())
    surgery = Surgery(model, sites)
    surgery.insert(sites.weights()[0], "output", nn.LayerNorm(5), "normalisation", "norm")
    assert surgery.finish(record_activations=False)(X.double()).dtype == torch.float64
