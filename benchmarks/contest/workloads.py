"""The workloads by name: what is compared in each, in words, and who takes part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from contest.others import growth, planner, start
from contest.ours import Contestant
from contest.trainings import s1, s2, s2_bf16, s3, s4


@dataclass(frozen=True)
class Workload:
    """A name, what is compared in one paragraph, and who takes part; `most_rounds` 0 is no end."""

    name: str
    about: str
    contestants: Callable[[Path], dict[str, Contestant]]
    most_rounds: int = 0


WORKLOADS = {
    one.name: one
    for one in (
        Workload(
            "S1",
            "Batch norm × weight scale: 32 networks 784-100×5-10, 191 updates of 100 of 1,000 "
            "images, 20 evaluations on all of them (the study `batch-norm-scale`, one seed). NumPy "
            "and plain PyTorch in memory train 8 of the 32, the other rivals 4, scaled up. Two "
            "plain networks of ours diverge and end early, as the study has it; the rivals train "
            "none of these. Four in five numbers of the images are zero, and ours leaves them out "
            "of its first layer's products: shares of the GEMM peak and the machine's limit count "
            "all operations of the whole products, those that are left out too.",
            s1,
        ),
        Workload(
            "S2",
            "CIFAR-10 techniques: one epoch of 40,000 images, batch 1,024, and the study's "
            "readings of 80,000 images (`cifar10-techniques`), in fp32. *hikaku* is base alone, "
            "and *five arms* the whole study, each on as many seeds as there are cores, as seconds "
            "for one of them. The rivals make 6 of the 40 updates and read 4,096 images, scaled "
            "up.",
            s2,
        ),
        Workload(
            "S2-bf16",
            "S2 in bf16. The rivals compute in fp32 but for the one that says bf16: what is "
            "quicker in bf16 is so by another arithmetic. A machine without AMX multiplies bf16 "
            "hardly quicker than fp32. Where a virtual machine hides AMX's tiles, PyTorch computes "
            "without; hikaku's own convolutions need not be told of them.",
            s2_bf16,
        ),
        Workload(
            "S3",
            "LeNet with and without dropout on CIFAR-10: one epoch of 40,000 images, batch 100, "
            "and readings of 80,000 images, for both arms (`lenet-dropout`). The rivals make 200 "
            "of the 400 updates of each arm and read 10,000 images, scaled up.",
            s3,
        ),
        Workload(
            "S4",
            "The whole demo, `hikaku run digits`, cold: from the start of the process to its "
            "verdicts. The script trains one trial of each arm, scaled up to as many of each as "
            "the demo trained; its start counts once. It compares nothing, and keeps nothing.",
            s4,
        ),
        Workload(
            "planner",
            "Training seconds of S1, and of S2's base on 8,192 images, under the planner's choice "
            "and under every plan that can be asked for. The row gives the worse of the two; "
            "a plan that took twice as long as the best is timed no more. What a run took counts "
            "for each name that its plan is known to have: the planner's often has another.",
            planner,
        ),
        Workload(
            "start",
            "Commands about S1 when it is finished, whole processes: the median of three calls a "
            "round. The second run prints its tables and sees to its report.",
            start,
        ),
        Workload(
            "growth",
            "8 arms of S1 over more and more seeds: what one trial takes. Memory is that of the "
            "command and all its workers together.",
            growth,
            most_rounds=1,
        ),
    )
}
