"""Kinds of models by what they are made of."""

from __future__ import annotations

from kinds import NO_PLACE, NOTICED, WORKS, Kind

LAYERS = (
    Kind(
        "`nn.Sequential` from a function",
        """
def Net(inputs, classes, width=12):
    return nn.Sequential(
        nn.Linear(inputs[0], width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(),
        nn.Linear(width, classes),
    )
""",
        settings=(("width", 10),),
    ),
    Kind(
        "functional style: `F.relu(self.fc1(x))`, `x.relu()`",
        """
class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 6, 3, padding=1)
        self.fc1, self.fc2 = nn.Linear(24, 8), nn.Linear(8, classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(self.conv2(x).relu(), 2).flatten(1)
        return self.fc2(torch.relu(self.fc1(x)))
""",
        "images",
    ),
    Kind(
        "convolutions and a mean over the picture, no dense layer",
        """
class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 4, 3), nn.Conv2d(4, classes, 3)

    def forward(self, x):
        return self.conv2(F.relu(self.conv1(x))).mean((2, 3))
""",
        "images",
        (WORKS, NO_PLACE, WORKS, WORKS),
    ),
    Kind(
        "one module used several times",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.first, self.again = nn.Linear(inputs[0], 8), nn.Linear(8, 8)
        self.head, self.act = nn.Linear(8, classes), nn.ReLU()

    def forward(self, x):
        x = self.act(self.first(x))
        for _ in range(3):
            x = self.act(self.again(x))
        return self.head(x)
""",
    ),
    Kind(
        "residual blocks: `x += y`, `nn.ReLU(inplace=True)`",
        """
class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        y = self.conv2(self.relu(self.norm1(self.conv1(x))))
        y += x
        return self.relu(y)


class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.stem = nn.Conv2d(1, 4, 3)
        self.blocks = nn.Sequential(Block(4), Block(4))
        self.fc = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, classes))

    def forward(self, x):
        return self.fc(self.blocks(self.stem(x)).mean((2, 3)))
""",
        "images",
    ),
    Kind(
        "in-place calls whose result is not assigned: `h.relu_()`",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(inputs[0], 8), nn.Linear(8, 8)
        self.fc3 = nn.Linear(8, classes)

    def forward(self, x):
        h = self.fc1(x)
        h.relu_()
        h = self.fc2(h)
        torch.tanh_(h)
        return self.fc3(h)
""",
    ),
    Kind(
        "dropout of its own: `nn.Dropout`, `F.dropout(x, p, self.training)`, in place",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(inputs[0], 16), nn.Linear(16, 16)
        self.fc3, self.drop, self.p = nn.Linear(16, classes), nn.Dropout(0.3, inplace=True), 0.2

    def forward(self, x):
        x = F.relu(self.drop(self.fc1(x)))
        x = F.dropout(F.relu(self.fc2(x)), self.p, training=self.training)
        return self.fc3(x)
""",
    ),
    Kind(
        "dropout of whole channels: `nn.Dropout1d`, `nn.Dropout2d`",
        """
class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 3), nn.Conv1d(6, 6, 3)
        self.drop2, self.drop1 = nn.Dropout2d(0.4), nn.Dropout1d(0.4)
        self.fc1, self.fc2 = nn.Linear(6, 8), nn.Linear(8, classes)

    def forward(self, x):
        x = self.drop2(F.relu(self.conv1(x))).flatten(2)
        x = self.drop1(F.relu(self.conv2(x))).mean(2)
        return self.fc2(F.relu(self.fc1(x)))
""",
        "images",
    ),
    Kind(
        "`nn.SELU` with `nn.AlphaDropout` and `nn.FeatureAlphaDropout`",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.conv, self.fc1, self.fc2 = nn.Conv2d(1, 4, 3), nn.Linear(4, 8), nn.Linear(8, classes)
        self.drop, self.channels = nn.AlphaDropout(0.2), nn.FeatureAlphaDropout(0.2)

    def forward(self, x):
        x = self.channels(F.selu(self.conv(x))).mean((2, 3))
        return self.fc2(self.drop(F.selu(self.fc1(x))))
""",
        "images",
    ),
    Kind(
        "dropout that is never off (Monte Carlo): `F.dropout(x)`",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(inputs[0], 16), nn.Linear(16, classes)

    def forward(self, x):
        return self.fc2(F.dropout(F.relu(self.fc1(x)), 0.2))
""",
        cells=(NOTICED,),
    ),
    Kind(
        "dropout behind `if self.training:`",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(inputs[0], 16), nn.Linear(16, classes)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        if self.training:
            x = F.dropout(x, 0.2)
        return self.fc2(x)
""",
        cells=(NOTICED,),
    ),
    Kind(
        "noise from `torch.randn_like` or NumPy",
        """
import numpy


class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(inputs[0], 16), nn.Linear(16, classes)

    def forward(self, x):
        if self.training:
            x = x + 0.1 * torch.randn_like(x) + 0.1 * float(numpy.random.normal())
        return self.fc2(F.relu(self.fc1(x)))
""",
        cells=(NOTICED,),
    ),
    Kind(
        "tied weights",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(inputs[0], 8), nn.Linear(8, 8)
        self.fc3, self.head = nn.Linear(8, 8), nn.Linear(8, classes)
        self.fc3.weight = self.fc2.weight

    def forward(self, x):
        return self.head(F.relu(self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))))
""",
    ),
    Kind(
        "frozen layers (`requires_grad_(False)`), a norm kept in evaluation",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(inputs[0], 8), nn.BatchNorm1d(8), nn.ReLU())
        self.head = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, classes))
        self.body.requires_grad_(False)

    def train(self, mode=True):
        super().train(mode)
        self.body.eval()

    def forward(self, x):
        return self.head(self.body(x))
""",
    ),
    Kind(
        "lazy layers",
        """
class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.conv, self.norm = nn.LazyConv2d(4, 3), nn.LazyBatchNorm2d(affine=False)
        self.fc1, self.fc2 = nn.LazyLinear(8), nn.LazyLinear(classes)

    def forward(self, x):
        x = F.relu(self.norm(self.conv(x))).flatten(1)
        return self.fc2(F.relu(self.fc1(x)))
""",
        "images",
    ),
    Kind(
        "`nn.LSTM`",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.lstm = nn.LSTM(inputs[1], 6, batch_first=True)
        self.fc1, self.fc2 = nn.Linear(6, 6), nn.Linear(6, classes)

    def forward(self, x):
        states, _ = self.lstm(x)
        return self.fc2(torch.tanh(self.fc1(states[:, -1])))
""",
        "series",
    ),
    Kind(
        "`nn.GRU` of two layers, both directions, dropout between them",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.gru = nn.GRU(inputs[1], 5, 2, dropout=0.3, bidirectional=True, batch_first=True)
        self.fc1, self.fc2 = nn.Linear(10, 6), nn.Linear(6, classes)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(self.gru(x)[0].mean(1))))
""",
        "series",
        (NOTICED,),
    ),
    Kind(
        "`nn.MultiheadAttention`",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.embed = nn.Linear(inputs[1], 8)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.norm, self.fc1, self.fc2 = nn.LayerNorm(8), nn.Linear(8, 8), nn.Linear(8, classes)

    def forward(self, x):
        x = self.embed(x)
        x = self.norm(x + self.attention(x, x, x, need_weights=False)[0])
        return self.fc2(F.relu(self.fc1(x.mean(1))))
""",
        "series",
    ),
    Kind(
        "`nn.TransformerEncoderLayer` on tokens, with dropout",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes, words=11):
        super().__init__()
        self.embed = nn.Embedding(words, 8)
        layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(8, classes)

    def forward(self, x):
        return self.head(self.encoder(self.embed(x)).mean(1))
""",
        "tokens",
        (NOTICED,),
    ),
    Kind(
        "time first: (time, batch, features), a causal mask of −∞, dropout",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.embed, self.drop = nn.Linear(inputs[1], 8), nn.Dropout(0.2)
        self.attention = nn.MultiheadAttention(8, 2)
        self.fc1, self.fc2 = nn.Linear(8, 8), nn.Linear(8, classes)
        mask = torch.full((inputs[0], inputs[0]), float("-inf")).triu(1)
        self.register_buffer("mask", mask)

    def forward(self, x):
        x = self.drop(self.embed(x.transpose(0, 1)))
        x = x + self.attention(x, x, x, attn_mask=self.mask)[0]
        return self.fc2(F.relu(self.fc1(x))).mean(0)
""",
        "series",
    ),
    Kind(
        "samples folded into the batch: (batch · time, features)",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(inputs[1], 8), nn.Linear(8, classes)
        self.drop = nn.Dropout(0.2)

    def forward(self, x):
        rows = x.reshape(-1, x.shape[-1])
        return self.fc2(self.drop(F.relu(self.fc1(rows)))).reshape(len(x), -1, 3).mean(1)
""",
        "series",
    ),
    Kind(
        "`nn.EmbeddingBag` with sparse gradients",
        """
class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.bag = nn.EmbeddingBag(11, 8, sparse=True)
        self.fc1, self.fc2 = nn.Linear(8, 8), nn.Linear(8, classes)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(self.bag(x))))
""",
        "tokens",
    ),
    Kind(
        "`weight_norm` and `spectral_norm` (torch.nn.utils.parametrizations)",
        """
from torch.nn.utils.parametrizations import spectral_norm, weight_norm


class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc1 = weight_norm(nn.Linear(inputs[0], 8))
        self.fc2, self.fc3 = spectral_norm(nn.Linear(8, 8)), nn.Linear(8, classes)

    def forward(self, x):
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))
""",
    ),
    Kind(
        "bare parameters: `nn.ParameterList` and `@`",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        sizes = [(inputs[0], 8), (8, classes)]
        self.weights = nn.ParameterList(torch.randn(size) / 3 for size in sizes)

    def forward(self, x):
        return (x @ self.weights[0]).clamp(min=0) @ self.weights[1]
""",
        cells=(WORKS, NO_PLACE, NO_PLACE, NO_PLACE),
    ),
    Kind(
        "an `autograd.Function` of its own",
        """
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return grad * (s + x * s * (1 - s))


class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(inputs[0], 8), nn.Linear(8, classes)

    def forward(self, x):
        return self.fc2(Swish.apply(self.fc1(x)))
""",
        cells=(WORKS, WORKS, WORKS, NO_PLACE),
    ),
    Kind(
        "activation checkpointing of modules",
        """
from torch.utils.checkpoint import checkpoint


class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.stem, self.head = nn.Linear(inputs[0], 8), nn.Linear(8, classes)
        self.block = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Dropout(0.1), nn.Linear(8, 8))

    def forward(self, x):
        return self.head(checkpoint(self.block, self.stem(x), use_reentrant=False))
""",
    ),
    Kind(
        "activation checkpointing of a method",
        """
from torch.utils.checkpoint import checkpoint


class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.stem, self.fc1 = nn.Linear(inputs[0], 8), nn.Linear(8, 8)
        self.head = nn.Linear(8, classes)

    def block(self, x):
        return F.relu(self.fc1(x))

    def forward(self, x):
        return self.head(checkpoint(self.block, self.stem(x), use_reentrant=False))
""",
        cells=(
            *(WORKS, WORKS, WORKS),
            "a function under activation checkpointing cannot be edited",
        ),
    ),
    Kind(
        "modules skipped by the values of a batch",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc1, self.extra = nn.Linear(inputs[0], 8), nn.Linear(8, 8)
        self.fc2, self.act = nn.Linear(8, classes), nn.ReLU()

    def forward(self, x):
        h = self.act(self.fc1(x))
        if x.mean() > 0:
            h = h + self.extra(h)
        return self.fc2(h)
""",
    ),
    Kind(
        "calls repeated by the values of a batch",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc1, self.again = nn.Linear(inputs[0], 8), nn.Linear(8, 8)
        self.fc2, self.act = nn.Linear(8, classes), nn.ReLU()

    def forward(self, x):
        h = self.act(self.fc1(x))
        for _ in range(1 + int(x.abs().sum()) % 5):
            h = self.act(self.again(h))
        return self.fc2(h)
""",
        cells=(
            WORKS,
            *["the number of calls in again changes"] * 2,
            "the number of calls in act changes",
        ),
    ),
    Kind(
        "a second head for training alone",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.body, self.act = nn.Linear(inputs[0], 8), nn.Tanh()
        self.head, self.side = nn.Linear(8, classes), nn.Linear(8, classes)

    def forward(self, x):
        h = self.act(self.body(x))
        return (self.head(h), self.side(h)) if self.training else self.head(h)
""",
    ),
    Kind(
        "`nn.ModuleList` and `nn.ModuleDict`",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(inputs[0], 8), nn.Linear(8, 8)])
        self.parts = nn.ModuleDict({"act": nn.LeakyReLU(0.1), "head": nn.Linear(8, classes)})

    def forward(self, x):
        for layer in self.layers:
            x = self.parts["act"](layer(x))
        return self.parts["head"](x)
""",
    ),
    Kind(
        "norms of its own (`momentum=None`, `nn.GroupNorm`), buffers of whole numbers",
        """
class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.conv, self.fc1, self.fc2 = nn.Conv2d(1, 4, 3), nn.Linear(4, 8), nn.Linear(8, classes)
        self.norm, self.group = nn.BatchNorm2d(4, momentum=None), nn.GroupNorm(2, 4)
        self.register_buffer("seen", torch.tensor(0))

    def forward(self, x):
        if self.training:
            self.seen += len(x)
        x = self.group(F.relu(self.norm(self.conv(x))))
        return self.fc2(F.relu(self.fc1(x.mean((2, 3)))))
""",
        "images",
    ),
    Kind(
        "a subclass of `nn.Sequential` that runs `self[-1]`",
        """
class Net(nn.Sequential):
    def __init__(self, inputs, classes):
        super().__init__(nn.Linear(inputs[0], 8), nn.ReLU(), nn.Linear(8, classes))

    def forward(self, x):
        return self[-1](self[1](self[0](x)))
""",
        cells=(WORKS, *["its forward counts its own children"] * 3),
    ),
    Kind(
        "complex numbers inside (`torch.fft`)",
        """
class Net(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(inputs[0] // 2 + 1, 8), nn.Linear(8, classes)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(torch.fft.rfft(x).abs())))
""",
    ),
    Kind(
        "transposed convolutions",
        """
class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.down, self.up = nn.Conv2d(1, 4, 3, 2), nn.ConvTranspose2d(4, 4, 3, 2)
        self.fc1, self.fc2 = nn.Linear(4, 8), nn.Linear(8, classes)

    def forward(self, x):
        x = F.elu(self.up(F.silu(self.down(x))))
        return self.fc2(F.relu(self.fc1(x.mean((2, 3)))))
""",
        "images",
    ),
)
