"""Kinds of models that cannot be compared as they are: each is told what is wrong, and where."""

from __future__ import annotations

from kinds import Kind

PLAIN = """
class Plain(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(inputs[0], 8), nn.Linear(8, classes)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))
"""


def refused(title: str, source: str, words: str, data: str = "vectors", **settings: object) -> Kind:
    """Return a kind that every arm refuses in these words."""
    return Kind(title, source, data, (words,), tuple(settings.items()))


REFUSED = (
    refused(
        "a model that is built already: `Net = MyNet()`",
        f"{PLAIN}\n\nNet = Plain((6,), 3)\n",
        "is a model that is built already",
    ),
    refused(
        "a function that returns the same model each time",
        f"{PLAIN}\n\nONE = Plain((6,), 3)\n\n\ndef Net():\n    return ONE\n",
        "gives the same model at each call",
    ),
    refused("a name that is no model", "\nNet = 3\n", "my_model.py:Net is a value (int)"),
    refused(
        "a function that returns something else", "\ndef Net():\n    return [1]\n", "gives list"
    ),
    refused(
        "`torch.jit.trace` and `torch.jit.script`",
        """
class Block(nn.Module):
    def __init__(self, inputs: int, classes: int):
        super().__init__()
        self.fc = nn.Linear(inputs, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(x)


def Net(inputs, classes):
    return torch.jit.trace(Block(inputs[0], classes), torch.zeros(2, inputs[0]))
""",
        "holds compiled code",
    ),
    refused(
        "`torch.compile`",
        f"""{PLAIN}

def Net(inputs, classes):
    model = Plain(inputs, classes)
    model.compile()
    return model
""",
        "holds compiled code",
    ),
    refused(
        "something that cannot be copied: a lock, an open file, a generator",
        f"""
import threading
{PLAIN}

class Net(Plain):
    def __init__(self, inputs, classes):
        super().__init__(inputs, classes)
        self.lock = threading.Lock()
""",
        "cannot be copied",
    ),
    refused(
        "no parameter that trains",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.layers = [nn.Linear(inputs[0], classes)]

    def forward(self, x):
        return self.layers[0](x)
""",
        "has no parameter that trains",
    ),
    refused(
        "complex parameters",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(inputs[0], classes, dtype=torch.complex64))

    def forward(self, x):
        return (x.to(torch.complex64) @ self.weight).abs()
""",
        "has complex parameters: weight",
    ),
    refused(
        "a setting that the model does not have, or lacks",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes, width):
        super().__init__()
""",
        "has no setting 'widht'",
        widht=8,
    ),
    refused(
        "a constructor that fails",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        raise ValueError("only images of 32 x 32")
""",
        "my_model.py:8 the model my_model.py:Net cannot be built: ValueError: only images of 32",
    ),
    refused(
        "a `forward` that fails",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc = nn.Linear(inputs[0], classes)

    def forward(self, x):
        return self.fc(x).no_such_method()
""",
        "my_model.py:11 model: its forward fails: AttributeError",
    ),
    refused(
        "sizes that do not fit the data",
        """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 3)

    def forward(self, x):
        return self.fc(x)
""",
        "a layer there takes 784 features and gets 6",
    ),
    refused(
        "channels that do not fit the data",
        """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3)

    def forward(self, x):
        return self.conv(x).mean((2, 3))
""",
        "a layer there takes 3 features and gets 1",
        "images",
    ),
    refused(
        "tokens into a dense layer",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc = nn.Linear(inputs[0], classes)

    def forward(self, x):
        return self.fc(x)
""",
        "put an embedding before whole numbers (tokens)",
        "tokens",
    ),
    refused(
        "real numbers into an embedding",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.embed = nn.Embedding(11, classes)

    def forward(self, x):
        return self.embed(x).mean(1)
""",
        "let the data give int64",
    ),
    refused(
        "a float64 model on float32 data",
        f"{PLAIN}\n\ndef Net(inputs, classes):\n    return Plain(inputs, classes).double()\n",
        "turn a model of float64 or float16 into float32",
    ),
    refused(
        "the wrong number of outputs",
        f"{PLAIN}\n\ndef Net(inputs):\n    return Plain(inputs, 10)\n",
        "give the model's last layer 3 outputs",
    ),
    refused(
        "outputs with sides: (batch, classes, 1, 1)",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.conv, self.fc1 = nn.Conv2d(1, 8, 8), nn.Linear(1, 1)
        self.last = nn.Conv2d(8, classes, 1)

    def forward(self, x):
        return self.last(F.relu(self.fc1(self.conv(x))))
""",
        "flatten it at the end of forward",
        "images",
    ),
    refused(
        "several outputs under names that say nothing",
        f"""{PLAIN}

class Net(Plain):
    def forward(self, x):
        return {{"left": super().forward(x), "right": x}}
""",
        "which part is the answer is open",
    ),
    refused(
        "two parameters of `forward`, and data with one input",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc = nn.Linear(inputs[0], classes)

    def forward(self, x, mask):
        return self.fc(x * mask)
""",
        "forward of Net takes x, mask",
    ),
    refused(
        "a state kept from batch to batch: `self.hidden = h`",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.cell, self.head = nn.Linear(inputs[0] + 8, 8), nn.Linear(8, classes)
        self.hidden = None

    def forward(self, x):
        if self.hidden is None or len(self.hidden) != len(x):
            self.hidden = torch.zeros(len(x), 8)
        self.hidden = torch.tanh(self.cell(torch.cat([x, self.hidden], 1)))
        return self.head(self.hidden)
""",
        "the same batch gives another answer the second time",
    ),
    refused(
        "the same, detached",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.cell, self.head = nn.Linear(inputs[0] + 8, 8), nn.Linear(8, classes)
        self.hidden = None

    def forward(self, x):
        if self.hidden is None or len(self.hidden) != len(x):
            self.hidden = torch.zeros(len(x), 8)
        h = torch.tanh(self.cell(torch.cat([x, self.hidden], 1)))
        self.hidden = h.detach()
        return self.head(h)
""",
        "the same batch gives another answer the second time",
    ),
    refused(
        "a `forward` that ends with `detach()`",
        f"""{PLAIN}

class Net(Plain):
    def forward(self, x):
        return super().forward(x).detach()
""",
        "no parameter that trains reaches the loss",
    ),
    refused(
        "a lazy layer that is never run",
        f"""{PLAIN}

class Net(Plain):
    def __init__(self, inputs, classes):
        super().__init__(inputs, classes)
        self.spare = nn.LazyLinear(3)
""",
        "these lazy layers are never run: spare.weight, spare.bias",
    ),
)
