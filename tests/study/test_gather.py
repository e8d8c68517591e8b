"""A class or function of a notebook's travels as its source, with all that it needs, or not."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import pytest
import torch
from cells import Notebook

from hikaku.study.gather import Gathering
from hikaku.study.written import Untold, written


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Notebook:
    return Notebook(monkeypatch)


def text_of(value: Any, name: str = "") -> str:
    gathering = Gathering()
    gathering.bind(name or value.__name__, value)
    return gathering.text()


def again(value: Any, name: str = "") -> Any:
    """Return what the text defines, run with nothing else there."""
    found: dict[str, Any] = {"__name__": "somewhere"}
    exec(compile(text_of(value, name), "<text>", "exec", dont_inherit=True), found)
    return found[name or value.__name__]


NET = """
class Net(Base):
    @staticmethod
    def half(n):
        return n // 2

    def __init__(self, width=WIDTH):
        super().__init__()
        self.width = helper(width) + self.half(width)
"""


def test_a_class_travels_with_its_bases_helpers_constants_and_imports(notebook: Notebook) -> None:
    notebook.run("import math as m\nfrom math import floor\nWIDTH = 12")
    notebook.run("class Base:\n    def __init__(self):\n        self.base = m.pi")
    notebook.run("def helper(n):\n    return floor(n) + OTHER\nOTHER = 100")
    Net = notebook.run(NET)["Net"]
    found = again(Net)()
    assert (found.width, found.base) == (118, math.pi)
    assert vars(found) == vars(Net())


def test_equal_cells_give_equal_texts_and_other_ones_do_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = []
    for width in (12, 12, 13):
        notebook = Notebook(monkeypatch)
        notebook.run(f"WIDTH = {width}\nfrom math import *\nimport math")
        notebook.run("class Base: pass\ndef helper(n): return floor(n)")
        texts.append(text_of(notebook.run(NET)["Net"]))
    assert texts[0] == texts[1] != texts[2]


def test_a_name_that_is_also_local_does_not_pull_the_global_one_in(notebook: Notebook) -> None:
    notebook.run("x = object()\ny = object()")
    cell = (
        "class Net:\n    def forward(self, x):\n        y = [x for x in (1, x)]\n        return y"
    )
    Net = notebook.run(cell)["Net"]
    assert again(Net)().forward(2) == [1, 2]


def test_what_is_run_with_the_class_stands_before_it_and_what_is_called_may_follow(
    notebook: Notebook,
) -> None:
    notebook.run("SIZES = (1, 2)\nREGISTRY = []\ndef register(cls):\n    return note(cls)")
    notebook.run("def note(cls):\n    REGISTRY.append(cls.__name__)\n    return cls")
    cell = "@register\nclass Net:\n    sizes = [n * SIZES[0] for n in SIZES]\n"
    notebook.run(cell + "    def other(self):\n        return Other\nclass Other(Net): pass")
    found = again(notebook.names["Net"])
    assert found.sizes == [1, 2]
    assert issubclass(found().other(), found)
    assert again(notebook.names["Other"]).sizes == [1, 2]


def test_a_module_below_a_package_is_imported_too(notebook: Notebook) -> None:
    notebook.run("import xml.etree.ElementTree")
    cell = "def read(text):\n    return xml.etree.ElementTree.fromstring(text).tag"
    text = text_of(notebook.run(cell)["read"])
    assert "import xml.etree.ElementTree" in text
    assert again(notebook.names["read"])("<a/>") == "a"


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        math.inf,
        -math.inf,
        True,
        None,
        b"x",
        (1,),
        [1, (2.0, "a")],
        {"a": {1, 2}},
        torch.float64,
        torch.device("cpu"),
        functools.partial(math.pow, 2.0),
        functools.partial(torch.nn.GELU, approximate="tanh"),
    ],
    ids=repr,
)
def test_constants_come_back_as_they_were(notebook: Notebook, value: Any) -> None:
    notebook.names["K"] = value
    found = again(notebook.run("def get():\n    return K")["get"])()
    assert type(found) is type(value)
    assert repr(found) == repr(value)


@pytest.mark.parametrize(
    "value",
    [
        torch.tensor([0.1, math.nan, 3.0]),
        torch.tensor([[1, 2]], dtype=torch.uint8),
        np.array([0.1, 0.7], np.float32),
        np.float32(0.1),
    ],
    ids=repr,
)
def test_small_arrays_come_back_bit_for_bit(notebook: Notebook, value: Any) -> None:
    notebook.names["K"] = value
    found = again(notebook.run("def get():\n    return K")["get"])()
    assert type(found) is type(value)
    assert found.dtype == value.dtype
    assert np.array_equal(np.asarray(found), np.asarray(value), equal_nan=True)


def test_a_lambda_travels_where_its_text_is_one_and_only(notebook: Notebook) -> None:
    notebook.run("K = 3\nact = lambda v: v * K")
    assert again(notebook.names["act"], "act")(2) == 6
    notebook.run("one, two = lambda v: v + 1, lambda v: v + 2")
    assert again(notebook.names["two"], "two")(2) == 4
    cell = "def use(v):\n    return act(v)"
    assert again(notebook.run(cell)["use"])(2) == 6


def test_another_name_for_a_class_is_kept(notebook: Notebook) -> None:
    notebook.run("class Net:\n    def size(self):\n        return 4\nAlias = Net")
    cell = "def make():\n    return Alias().size()"
    assert again(notebook.run(cell)["make"])() == 4


def test_annotations_that_were_left_as_text_stay_so(notebook: Notebook) -> None:
    place = "<future cell>"
    cell = "from __future__ import annotations\ndef f(x: Unknown) -> Unknown:\n    return x\n"
    import linecache

    linecache.cache[place] = (len(cell), None, cell.splitlines(keepends=True), place)
    exec(compile(cell, place, "exec"), notebook.names)
    assert again(notebook.names["f"])(1) == 1


REFUSED = {
    "live": ("K = object()\ndef f():\n    return K", "it needs K, a live builtins.object"),
    "generator": ("import random\nK = random.Random(1)\ndef f():\n    return K", "live random"),
    "closure": (
        "def make(k):\n    def f():\n        return k\n    return f\nf = make(1)",
        "inside",
    ),
    "made": ("f = type('f', (), {})", "not written as a class"),
    "patched": (
        "class f:\n    def a(self):\n        return 1\ndef b(self):\n    return 2\nf.a = b",
        "f.a was changed",
    ),
    "added": ("class f:\n    def a(self):\n        return 1\nf.b = lambda self: 2", "f.b was"),
    "set": ("class f:\n    K = 1\n    def a(self):\n        return 1\nf.K = 2", "f.K was"),
    "base": (
        "class B:\n    def a(self):\n        return 1\nclass f(B):\n    def b(self):\n"
        "        return 1\nclass B:\n    def a(self):\n        return 2",
        "B has changed since f was made",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_the_text_would_not_make_again_is_refused_with_the_reason(
    notebook: Notebook, case: str
) -> None:
    cell, why = REFUSED[case]
    with pytest.raises(Untold, match=why):
        text_of(notebook.run(cell)["f"])


def test_a_source_that_is_not_kept_or_has_changed_is_refused(notebook: Notebook) -> None:
    exec(compile("def f():\n    return 1", "<stdin>", "exec"), notebook.names)
    with pytest.raises(Untold, match="not kept"):
        written(notebook.names["f"])
    import linecache

    notebook.run("def g():\n    return 1")
    place = notebook.names["g"].__code__.co_filename
    linecache.cache[place] = (1, None, ["def g():\n", "    return 2\n"], place)
    with pytest.raises(Untold, match="no longer what is running"):
        written(notebook.names["g"])


def test_a_large_array_is_data_and_no_constant(notebook: Notebook) -> None:
    notebook.names["K"] = np.zeros(2000)
    with pytest.raises(Untold, match="it needs K, a live numpy"):
        text_of(notebook.run("def get():\n    return K")["get"])
