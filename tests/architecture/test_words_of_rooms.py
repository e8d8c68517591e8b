"""Some words belong to one room alone; some to none."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from source_tree import PACKAGE, ROOT, calls, imports, modules, parse, shown, words

STACKED = PACKAGE / "execution" / "stacked.py"
# The contract of techniques reads back the settings that it has just written.
CHECKS = PACKAGE / "checks" / "contract.py"
OUTSIDE_RANDOM = PACKAGE / "training" / "outside_random.py"

GLOBAL_GENERATORS = re.compile(
    r"(random|numpy\.random)\.(seed|setstate|set_state)"
    r"|torch(\.random|\.cuda|\.mps)?\.(manual_seed|manual_seed_all|seed|seed_all|set_rng_state)"
    r"|torch\.random\.fork_rng"
)
GLOBAL_DRAWS = re.compile(
    r"random\.(random|randint|randrange|choice|choices|shuffle|sample|uniform|gauss|getrandbits)"
    r"|torch\.(rand|randn|randint|randperm|rand_like|randn_like|randint_like|bernoulli|normal)"
    r"|torch\.nn\.functional\.(dropout|dropout1d|dropout2d|dropout3d|alpha_dropout)"
)
CODE_LOADERS = re.compile(
    r"(pickle|_pickle|dill|cloudpickle|joblib|marshal|shelve|pandas|torch)"
    r"\.(load|loads|open|read_pickle|Unpickler)"
)


def test_only_the_stacked_engine_says_vmap() -> None:
    found = [
        shown(path, line)
        for path in modules()
        if path != STACKED
        for name, line in words(path)
        if name == "vmap"
    ]
    assert not found, found


def test_only_the_store_knows_the_database() -> None:
    found = [
        shown(path, line)
        for path in modules()
        if PACKAGE / "store" not in path.parents
        for name, line in imports(parse(path))
        if name.partition(".")[0] == "sqlalchemy"
    ]
    assert not found, found


def test_only_one_file_sets_or_draws_from_a_global_generator() -> None:
    found = [
        f"{shown(path, line)} {name}"
        for path in modules()
        if path != OUTSIDE_RANDOM
        for name, line in _global_randomness(parse(path))
    ]
    assert not found, found


def test_only_the_command_line_prints() -> None:
    found = [
        shown(path, call.lineno)
        for path in modules()
        if PACKAGE / "cli" not in path.parents
        for name, call in calls(parse(path))
        if name == "print"
    ]
    assert not found, found


def test_nothing_is_read_that_could_run_what_it_reads() -> None:
    found = [
        f"{shown(path, line)} {name}"
        for path in modules()
        if path != CHECKS
        for name, line in _loads(parse(path))
    ]
    assert not found, found


@pytest.mark.parametrize(
    "code",
    [
        "import numpy as np\nnp.random.seed(1)",
        "import torch as t\nt.manual_seed(1)",
        "from torch import randn\nrandn(3)",
        "from torch.nn import functional as F\nF.dropout(x, 0.5)",
        "import random\nrandom.shuffle(x)",
    ],
)
def test_these_eyes_see_global_randomness_under_any_name(code: str) -> None:
    assert list(_global_randomness(ast.parse(code)))


def test_these_eyes_allow_a_generator_of_its_own() -> None:
    code = "import torch\ng = torch.Generator().manual_seed(1)\ntorch.randn(3, generator=g)"
    assert not list(_global_randomness(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        "from torch import load\nload(path)",
        "import pickle as p\np.loads(data)",
        "import numpy as np\nnp.load(path, allow_pickle=True)",
        "import torch\ntorch.load(path, weights_only=False)",
    ],
)
def test_these_eyes_see_what_runs_what_it_reads(code: str) -> None:
    assert list(_loads(ast.parse(code)))


def test_no_path_of_one_machine_stands_in_the_project() -> None:
    one_machine = re.compile(r"/(tmp|home|root|work)/[A-Za-z]")
    found = [
        f"{shown(path, number)} {line.strip()}"
        for path in _published()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if one_machine.search(line)
    ]
    assert not found, found


def _published() -> list[Path]:
    kinds = {".py", ".toml", ".md", ".po", ".txt", ".sh", ".j2", ".html", ".js", ".css", ".json"}
    folders = ("src", "docs", "examples", "scripts")
    inside = [path for folder in folders for path in (ROOT / folder).rglob("*")]
    beside = [*ROOT.glob("*.md"), *ROOT.glob("*.t*"), ROOT / "Makefile", ROOT / ".ci" / "run"]
    return [*(path for path in inside if path.suffix in kinds and path.is_file()), *beside]


def _global_randomness(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for name, call in calls(tree):
        drawn = GLOBAL_DRAWS.fullmatch(name) and "generator" not in [
            item.arg for item in call.keywords
        ]
        if drawn or GLOBAL_GENERATORS.fullmatch(name):
            yield name, call.lineno


def _loads(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for name, call in calls(tree):
        pickles = any(
            item.arg == "allow_pickle" and ast.unparse(item.value) != "False"
            for item in call.keywords
        )
        if pickles or (CODE_LOADERS.fullmatch(name) and not _reads_weights_alone(call)):
            yield name, call.lineno


def _reads_weights_alone(call: ast.Call) -> bool:
    return any(ast.unparse(item) == "weights_only=True" for item in call.keywords)
