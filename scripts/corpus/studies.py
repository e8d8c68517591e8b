"""Study files with one mistake each: a value of another kind or range, a key, two alike arms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from corpus.case import STUDY, Case, written
from hikaku.study.decode import load

TABLES: Mapping[str, Mapping[str, str]] = {
    "": {
        "format": "1",
        "metric": '"accuracy"',
        "worth": "0.01",
        "seeds": "3",
        "model": '"mlp"',
        "data": '{ use = "digits" }',
    },
    "recipe": {
        "epochs": "2",
        "batch_size": "32",
        "optimizer": '{ use = "adam", lr = 0.01 }',
        "layers": '[{ use = "dropout", p = 0.2 }]',
    },
    "variant": {"name": '"sgd"', "optimizer": '"sgd"'},
}
"""A valid study, from which every case is one step away."""

NUMBERS = ("nan", "inf", "-inf", "true", '"1"', "[1]", "{ a = 1 }", "1979-05-27")
COUNTS = ("0", "-1", "1.5", "1e3", "1" + "0" * 20, *NUMBERS)
WORDS = ("1", "true", '"no-such-word"', "[1]", "{ a = 1 }")

WRONG: Mapping[str, tuple[str, ...]] = {
    "format": ("0", "2", "1.0", "true", '"1"', "[1]"),
    "worth": ("0", "-1", *NUMBERS),
    "seeds": (
        *(value for value in COUNTS if value != "[1]"),
        *("[]", "[-1]", "[4294967296]", "[0, 0]", "[0.5]", "[true]", '["0"]', "10001", '"many"'),
    ),
    "metric": (*WORDS, '"validation acuracy"', '{ name = "accuracy", split = "x" }', '""'),
    "metric.of": ('"steps-to:"', '"steps-to:nan"', '"bset"', "1"),
    "metric.split": ('"testing"', "1", "true"),
    "model": (*WORDS, '""', '"net.py"', '"none.py:Net"', '"/abs.py:Net"', '"../../x.py:Net"'),
    "data": (*WORDS, '""', '"no/such/folder"', '"none.csv"', '"none.py:load"', '"~/none.npz"'),
    "data.train": ("0", "-1", "1.5", "true", '"most"', "nan"),
    "data.validation": ("-1", "1.5", "true", '"x"', "nan"),
    "data.test": ("0", "-1", "true", '"official"', '"rest"', "inf"),
    "data.take": WORDS,
    "resample": WORDS,
    "device": WORDS,
    "equal": WORDS,
    "keep": ("1", '"x"', "[1]", '{ weights = "x" }', "{ every = 0 }", "{ evry = 1 }"),
    "budget": ("1", '"x"', "{ minutes = 0 }", "{ minutes = nan }", "{ trials = 0 }", "{ x = 1 }"),
    "published": ("1", "{ x = [1.0] }", '{ "last test accuracy" = [] }'),
    "question": ("1", "true", '["why"]'),
    "recipe.epochs": COUNTS,
    "recipe.batch_size": COUNTS,
    "recipe.order": WORDS,
    "recipe.precision": WORDS,
    "recipe.evaluate_every": (*WORDS, '"0 steps"', '"10 stepz"', '"2 epochs from 1"'),
    "recipe.optimizer": (*WORDS, "[]", '["adam", "sgd"]', '"dropout"', "{ lr = 1 }"),
    "recipe.optimizer.lr": ("0", "-1", *NUMBERS),
    "recipe.layers": ('"dropout"', "1", "[1]", "[{}]", '["adam"]', '["no-such"]'),
    "recipe.layers.p": ("-0.1", "1.1", *NUMBERS),
    "recipe.loss": (*WORDS, '"adam"', '["mse"]'),
    "recipe.schedule": (*WORDS, '{ use = "warmup-cosine", warmup = -1 }'),
    "recipe.stopping": (*WORDS, '{ use = "early-stopping", patience = 0 }'),
    "recipe.init": (*WORDS, '"tanh"'),
    "recipe.clip": ("1", '"clip-norm"', '["no-such"]'),
    "variant.name": ("1", "true", '""', '"base"', '"  "', '"BASE"'),
    "variant.remove": ('"dropout"', "[1]", '["batch-norm"]'),
    "variant.data": ("1", '{ use = "mnist" }', "{ train = 0 }"),
    "variant.epochs": ("0", "-1", "true"),
}
"""By key, what must not be written there."""

UNKNOWN = ("recpie", "sead", "x", "'a b'", '""', '"\\u202e"', "epochs", "train", "design", "tune")
MISSING = ("format", "metric", "worth", "model", "data", "recipe.epochs", "recipe.optimizer")


def cases() -> Iterator[Case]:
    """Yield every case of this kind."""
    for key, values in WRONG.items():
        for value in values:
            yield _case("study: a value", f"{key} = {value[:30]}", study({key: value}), _said(key))
    for key in MISSING:
        yield _case("study: a key", f"no {key}", study({key: ""}), "must be written")
    for key in UNKNOWN:
        yield _case("study: a key", f"{key} at the top", study({key: "1"}), ":1:")
        if key != "epochs":
            yield _case("study: a key", f"{key} in recipe", study({f"recipe.{key}": "1"}), "recipe")
    for name, text, word in _arms():
        yield _case("study: arms", name, text, word)


def study(changes: Mapping[str, str]) -> str:
    """Return the valid study with these keys written so; "" leaves one out.

    The keys of an optimizer, of the first layer, of metric and data stand inside of these.
    """
    tables = {name: dict(table) for name, table in TABLES.items()}
    for path, value in changes.items():
        table, _, key = path.rpartition(".") if path.count(".") == 1 else ("", "", path)
        if path == "recipe.optimizer.lr":
            table, key, value = "recipe", "optimizer", f'{{ use = "adam", lr = {value} }}'
        elif path == "recipe.layers.p":
            table, key, value = "recipe", "layers", f'[{{ use = "dropout", p = {value} }}]'
        elif table == "metric":
            table, key, value = "", "metric", f'{{ name = "accuracy", {key} = {value} }}'
        elif table == "data":
            table, key, value = "", "data", f'{{ use = "digits", {key} = {value} }}'
        tables[table] = {key: value, **{k: v for k, v in tables[table].items() if k != key}}
    heads = {"": "", "recipe": "[recipe]\n", "variant": "[[variant]]\n"}
    return "\n".join(
        heads[name] + "".join(f"{key} = {value}\n" for key, value in table.items() if value)
        for name, table in tables.items()
    )


def _said(key: str) -> str:
    """Return where such a mistake is said to stand."""
    first, _, rest = key.partition(".")
    return f"variant[0].{rest}" if first == "variant" else first


def _case(group: str, name: str, text: str, word: str) -> Case:
    fault = {"study: a value": "E2", "study: a key": "E1", "study: arms": "E4"}[group]
    more = ("C8",) if name.startswith("seeds") else ("E5",) if "million" in name else ()
    return Case(group, name, written("study.toml", text), load, STUDY, word, (fault, *more))


def _arms() -> Iterator[tuple[str, str, str]]:
    valid = study({})
    again = '\n[[variant]]\nname = "{}"\n{}\n'
    yield "equal to base", valid + again.format("b", 'optimizer = {use="adam", lr=0.01}'), "equal"
    yield "equal to base by a default", valid + again.format("b", 'schedule = "constant"'), "equal"
    yield "nothing changed", valid + again.format("b", ""), "equal to base"
    yield "two alike", valid + again.format("b", 'optimizer = "sgd"'), "equal to 'sgd'"
    yield "two of one name", valid + again.format("sgd", "epochs = 3"), "another variant"
    yield "names by case", valid + again.format("SGD", "epochs = 3"), "another variant"
    accents = study({"variant.name": '"e\\u0301"'}) + again.format("\u00e9", "epochs = 3")
    yield "names by Unicode's forms", accents, "another variant"
    yield "a table for a list", valid.replace("[[variant]]", "[variant]"), "[[variant]]"
    yield "no optimizer left", study({"variant.optimizer": "", "variant.remove": '["adam"]'}), "opt"
    both = study({"recipe.steps": "10"})
    yield "epochs and steps", both, "not in both"
    clash = study({"recipe.optimizer": '"adamw"', "recipe.project": '["decoupled-decay"]'})
    yield "techniques that clash", clash, "must not stand together"
    swaps = study({"recipe.layers": '["relu", "tanh"]'})
    yield "two activations", swaps, "both write the activation"
    many = "".join(again.format(f"v{n}", f"epochs = {n + 3}") for n in range(120))
    yield "a million trials by accident", study({"seeds": "9000"}) + many, "trials"
    yield "a command and a function", valid + '\ntrain = "x.py:f"\ncommand = "true"\n', "study"
