"""How every arm of a study is computed: what is known of the arms, and what the rule makes of it.

A worker looks at an arm once (`execution/survey.py`); the store keeps what it saw.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from hikaku.errors import EnvironmentFault
from hikaku.execution.arithmetic import Arithmetic
from hikaku.execution.asking import answers
from hikaku.execution.machine import resolved
from hikaku.execution.orders import Pool
from hikaku.execution.orders import Survey as Ask
from hikaku.execution.rule import ORDER, base_arithmetic, variant_arithmetic
from hikaku.run.identify import Identified, Looked
from hikaku.store.store import Store
from hikaku.study.alike import alike
from hikaku.study.catalogue import Catalogue, is_file_reference
from hikaku.study.recipe import Dtype
from hikaku.study.study import BASE, Engine, Study
from hikaku.training.survey import UNTRIED, Survey, survey_of
from hikaku.words import Message, message


@dataclass
class Chooser:
    """Chooses for a study, with the surveys in a store and those that hands of a pool make.

    `found` is what is known of each arm by its name; an arm that cannot be looked at is left out,
    and whatever is wrong with it will be told when it is tried. `new` was not in the store.
    """

    store: str
    pool: Pool
    workers: int
    wanted: Engine = "auto"
    found: dict[str, Survey] = field(default_factory=dict)
    new: dict[tuple[str, str], str] = field(default_factory=dict)

    def keep(self, kept: Store) -> None:
        """Keep what was found out now."""
        for (mark, data), text in self.new.items():
            kept.keep_survey(mark, data, text)

    def __call__(
        self, study: Study, device: str, arms: Mapping[str, Looked]
    ) -> Mapping[str, Arithmetic]:
        """Return the arithmetic of each arm by its name, on this device."""
        kind = device.partition(" ")[0]
        lifts = "stacked" in (self.wanted, *ORDER[kind])
        self.found = self._surveys(arms, lifts)
        dtypes = {
            name: resolved(looked.job.work.recipe.precision, kind)[0]
            for name, looked in arms.items()
        }
        wanted = self._wanted(study, dtypes)
        base = base_arithmetic(self.found.get(BASE), wanted, dtypes[BASE], device)
        return {
            name: base if name == BASE else variant_arithmetic(self.found.get(name), base, dtype)
            for name, dtype in dtypes.items()
        }

    def _wanted(self, study: Study, dtypes: Mapping[str, Dtype]) -> Engine:
        """Return the engine that is wanted of a study. Raises `EnvironmentFault` for another's."""
        wanted, why = self.wanted, None
        # A metric of the user's may draw, and a clock cannot tell the lanes of a stack apart.
        alone = is_file_reference(study.metric.name) or study.equal == "seconds"
        if alone and wanted in ("dense", "stacked", "book"):
            why = message("a metric of its own, or equal seconds, want every trial alone by torch")
        elif wanted == "book" and len(set(dtypes.values())) > 1:
            why = message("its arms differ in precision, and this engine computes all in float64")
        if why is None:
            return "plain" if alone else wanted
        raise EnvironmentFault.of(
            message("--engine {engine}: it cannot compute this study", engine=wanted),
            why=why,
            mend=message("leave --engine out, or write --engine plain"),
        )

    def _surveys(self, arms: Mapping[str, Looked], lifts: bool) -> dict[str, Survey]:
        """Return what is known of each arm; where `lifts`, whether it can be lifted as well."""
        with Store.reading(self.store) as kept:
            texts = kept.surveys([(arm.mark, arm.data) for arm in arms.values()])
        known = {
            name: found
            for name, arm in arms.items()
            if (text := texts.get((arm.mark, arm.data))) and (found := survey_of(text))
            if not (lifts and found.not_lifted == UNTRIED)
        }
        missing = {name: arm for name, arm in arms.items() if name not in known}
        return known | self._asked(missing, lifts) if missing else known

    def _asked(self, arms: Mapping[str, Looked], lifts: bool) -> dict[str, Survey]:
        """Have these arms looked at, one of those that are alike in all but mere numbers."""
        catalogue = Catalogue()
        kinds = {name: repr(alike(arm.job.work, catalogue)) for name, arm in arms.items()}
        first = {kind: name for name, kind in reversed(list(kinds.items()))}
        self.pool.grow(min(self.workers, len(first)))
        asked = {kind: Ask(arms[name].job, lifts) for kind, name in first.items()}
        texts = answers(self.pool, asked)
        found: dict[str, Survey] = {}
        for name, kind in kinds.items():
            if kind in texts and (survey := survey_of(texts[kind])):
                found[name] = survey
                self.new[arms[name].mark, arms[name].data] = texts[kind]
        return found


def why_precision(known: Identified) -> Iterator[Message]:
    """Say what `precision = "auto"` is here, each reason once."""
    kinds = set()
    for arm in known.study.arms:
        arithmetic, recipe = known.arithmetics[arm.name], getattr(arm.work, "recipe", None)
        if isinstance(arithmetic, Arithmetic) and recipe and recipe.precision == "auto":
            kinds.add(arithmetic.kind)
    for kind in sorted(kinds):
        yield message('precision = "auto" is {why}', why=resolved("auto", kind)[1])
