"""The networks of the catalogue, one file each; the file's name is the model's, with `_` for `-`.

Each factory takes `inputs`, the shape of one sample without the batch, and `classes`, the number
of outputs (1 for regression), then its own settings. Weights are PyTorch's default ones unless a
file says otherwise. A network that does not fit the inputs raises ValueError.
"""

from hikaku.models.zoo.alexnet_small import alexnet_small
from hikaku.models.zoo.book_convnet import book_convnet
from hikaku.models.zoo.lenet import lenet
from hikaku.models.zoo.mlp import mlp
from hikaku.models.zoo.resnet9 import resnet9
from hikaku.models.zoo.resnet18_cifar import resnet18_cifar
from hikaku.models.zoo.small_cnn import small_cnn
from hikaku.models.zoo.transformer import transformer
from hikaku.models.zoo.two_conv import two_conv

__all__ = [
    "alexnet_small",
    "book_convnet",
    "lenet",
    "mlp",
    "resnet9",
    "resnet18_cifar",
    "small_cnn",
    "transformer",
    "two_conv",
]
