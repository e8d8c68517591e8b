"""The study that `hikaku new FILE` writes: a small one that runs, with a word to every line."""

from __future__ import annotations

_TEXT = """\
# A study: a base, variants of it, and the figure on which they are judged.
# `hikaku check FILE` reads it, `hikaku plan FILE` says what it costs, `hikaku run FILE` trains it.
format   = 1
question = "Which technique raises the test accuracy of a small CNN that over-fits?"
metric   = "accuracy"           # or "train loss", "validation accuracy", or a table:
                                # { name = "accuracy", split = "validation", of = "steps-to:0.9" }
worth    = 0.01                 # the smallest difference worth having: here one point of accuracy
seeds    = "auto"               # as many as each comparison takes, 5 to 20; or a number, or a
                                # list of seed numbers: then there is one look, when all are done
model    = "small-cnn"          # or { use = "mlp", hidden = [100, 100] }, or your own class or
                                # function in a file beside this one: "my_model.py:Net"
# device = "cpu"                # or "cuda", "mps"

[data]
use        = "digits"           # 1,797 handwritten digits; nothing is downloaded. Or your own:
                                # "my_data.py:load", which returns (x, y); a folder of images;
                                # "table.csv" beside target = "column"; an .npz; a .parquet
train      = 480                # samples that are fitted; a number, or a fraction of what is left
validation = 120                # taken beside them
# test     = "rest"             # "official", "rest", a number or a fraction
# take     = "stratified"       # each seed draws its own split; or "first": always the same

[recipe]                        # the base: the size of the work, and one entry per slot
epochs         = 60             # or steps = 1000
batch_size     = 64
# order        = "shuffle"      # or "with-replacement"
# evaluate_every = "epoch"      # or "10 steps", "10 steps from 1"
# precision    = "fp32"         # or "bf16", "fp64"; "auto": bf16 where the machine is fast at it
optimizer      = { use = "adam", lr = 1e-3 }
layers         = []             # a list slot: layers, augment, penalty, clip, project

# [budget]                      # over all runs of the study; a larger one goes on from there
# minutes = 10
# trials  = 60
# seeds   = 40                  # more than 20 must stand here before the first verdict is shown

# [keep]                        # weights: by default the best ones of each arm's best seed
# weights = "best"              # or "last", "all", "none"

# Each variant is the base with something changed. `hikaku techniques` lists what there is,
# `hikaku explain NAME` says what it does and which settings it has.
[[variant]]
name   = "dropout"
layers = [{ use = "dropout", p = 0.5 }]     # added to the base's list

[[variant]]
name    = "l2"
penalty = [{ use = "l2", amount = 1e-4 }]

[[variant]]
name = "label-smoothing"
loss = "label-smoothing"                    # a one-value slot is replaced

# [design]                                  # makes arms of lists of values, beside the variants
# kind = "one-at-a-time"                    # or "grid", "sweep"
# vary = { "optimizer.lr" = [1e-2, 1e-4] }

# [[variant]]
# name   = "fewer samples"
# data   = { train = 240 }
# remove = ["dropout"]                      # takes one of the base's techniques out
"""


def new_study() -> str:
    """Return a commented study in TOML, to be changed at will; it decodes and runs as it stands."""
    return _TEXT
