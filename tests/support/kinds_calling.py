"""Kinds of models by how they are called and what they return."""

from __future__ import annotations

from kinds import Kind

BODY = """
class Body(nn.Module):
    def __init__(self, features, classes):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(features, 8), nn.Linear(8, classes)

    def forward(self, x):
        h = F.relu(self.fc1(x))
        return self.fc2(h), h
"""

CALLING = (
    Kind(
        "several inputs, named like the parameters of `forward`",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.embed = nn.Embedding(11, 6)
        self.fc1, self.fc2 = nn.Linear(6, 8), nn.Linear(8, classes)

    def forward(self, words, mask=None):
        x = (self.embed(words) * mask[..., None]).sum(1)
        return self.fc2(F.relu(self.fc1(x)))
""",
        "named",
    ),
    Kind(
        "several inputs as one dict",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.embed, self.fc1 = nn.Embedding(11, 6), nn.Linear(6 + inputs["mask"][0], 8)
        self.fc2 = nn.Linear(8, classes)

    def forward(self, batch):
        x = torch.cat([self.embed(batch["words"]).mean(1), batch["mask"]], 1)
        return self.fc2(F.relu(self.fc1(x)))
""",
        "named",
    ),
    Kind(
        "several inputs by place: `forward(image, row)`",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.conv, self.fc1 = nn.Conv2d(1, 4, 3), nn.Linear(4 + inputs["1"][0], 8)
        self.fc2 = nn.Linear(8, classes)

    def forward(self, image, row):
        x = torch.cat([F.relu(self.conv(image)).mean((2, 3)), row], 1)
        return self.fc2(F.relu(self.fc1(x)))
""",
        "placed",
    ),
    Kind(
        "a tuple: the first is the answer",
        f"""{BODY}

def Net(inputs, classes):
    return Body(inputs[0], classes)
""",
    ),
    Kind(
        "a tuple whose second is the answer: `output = 1`",
        f"""{BODY}

class Net(Body):
    def __init__(self, inputs, classes):
        super().__init__(inputs[0], classes)

    def forward(self, x):
        return super().forward(x)[::-1]
""",
        settings=(("output", 1),),
    ),
    Kind(
        "a dict with `logits`",
        f"""{BODY}

class Net(Body):
    def __init__(self, inputs, classes):
        super().__init__(inputs[0], classes)

    def forward(self, x):
        logits, hidden = super().forward(x)
        return {{"hidden": hidden, "logits": logits}}
""",
    ),
    Kind(
        'a dataclass: `output = "scores"`',
        f"""
from dataclasses import dataclass

{BODY}

@dataclass
class Answer:
    hidden: torch.Tensor
    scores: torch.Tensor


class Net(Body):
    def __init__(self, inputs, classes):
        super().__init__(inputs[0], classes)

    def forward(self, x):
        scores, hidden = super().forward(x)
        return Answer(hidden, scores)
""",
        settings=(("output", "scores"),),
    ),
    Kind(
        "regression that answers (batch,)",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(inputs[0], 8), nn.Linear(8, classes)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x))).squeeze()
""",
        "values",
    ),
    Kind(
        "regression of several values",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(inputs[0], 8), nn.Linear(8, classes)

    def forward(self, x):
        return self.fc2(torch.tanh(self.fc1(x)))
""",
        "pairs",
    ),
    Kind(
        "one that writes into its input: `x.sub_(0.5)`",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(inputs[0], 8), nn.Linear(8, classes)

    def forward(self, x):
        x.sub_(0.5)
        return self.fc2(F.relu(self.fc1(x)))
""",
    ),
    Kind(
        "float64 inside",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(inputs[0], 8), nn.Linear(8, classes)
        self.double()

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x.double())))
""",
    ),
)
