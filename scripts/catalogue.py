"""Write docs/catalogue/ from the cards: a page per slot, one of models, one of data sets.

Eats what `hikaku explain` reads; nothing of a technique is run. Each page is written in English and
in Japanese. A technique's name in a page is a heading, so links lead to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import get_args

from hikaku.present.explained import CARD, IN_ENGLISH
from hikaku.study.card import Slot
from hikaku.study.catalogue import TECHNIQUES, datasets, models, techniques
from hikaku.study.entry import DataSet, Entry, Setting
from hikaku.study.line import line_of
from hikaku.study.recipe import LIST_SLOTS, shown
from hikaku.words import LANGUAGES, catalogued, message, say

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "catalogue"
ENDINGS = {"en": ".md", "ja": ".ja.md"}
OTHER = {"en": "[日本語]({page}.ja.md)", "ja": "[English]({page}.md)"}

Words = Mapping[str, str]
"""One text by language."""

TITLE: Words = {"en": "The catalogue", "ja": "カタログ"}
HEAD: Words = {
    "en": "What there is to compare: {techniques} techniques in twelve slots of the training step, "
    "{models} models and {datasets} data sets. `hikaku explain NAME` tells the same in a terminal, "
    "and what your own studies have shown. These pages are written from the techniques' own files "
    "by `make catalogue`.",
    "ja": "比べられるもの: 訓練ステップの 12 のスロットにある {techniques} 個の手法、"
    "{models} 個のモデル、{datasets} 個のデータセット。`hikaku explain NAME` は同じことを端末に"
    "表示し、自分のスタディが示したことも言います。これらのページは、手法自身のファイルから "
    "`make catalogue` で書き出したものです。",
}
COLUMNS: Words = {
    "en": "| slot | what it does | techniques |",
    "ja": "| スロット | 何をするか | 手法 |",
}
SETTINGS: Words = {"en": "| setting | default | range |", "ja": "| 設定 | 既定 | 範囲 |"}
SLOT: Words = {"en": "Slot `{slot}`: {does}", "ja": "スロット `{slot}`: {does}"}
MANY: Words = {
    "en": "A recipe may have several of them.",
    "ja": "レシピにはいくつでも書けます。",
}
ONE: Words = {
    "en": "A recipe has one of them at most.",
    "ja": "レシピに書けるのは 1 つまでです。",
}
MODELS: Words = {"en": "Models", "ja": "モデル"}
DATASETS: Words = {"en": "Data sets", "ja": "データセット"}
DOES: Mapping[str, Words] = {
    "init": {"en": "the first weights", "ja": "初期重み"},
    "layers": {
        "en": "edits of the model: normalisation, activation, noise",
        "ja": "モデルの編集: 正規化、活性化関数、雑音",
    },
    "augment": {"en": "changes of a batch before it is seen", "ja": "見せる前のバッチの変換"},
    "loss": {"en": "what training makes small", "ja": "訓練で小さくするもの"},
    "penalty": {"en": "terms added to the loss", "ja": "損失に加える項"},
    "gradient": {"en": "how the gradient is taken", "ja": "勾配の取り方"},
    "clip": {"en": "limits and changes of the gradient", "ja": "勾配の制限と変更"},
    "schedule": {"en": "the learning rate over a training", "ja": "訓練を通しての学習率"},
    "optimizer": {"en": "the step from gradients to weights", "ja": "勾配から重みへのステップ"},
    "project": {"en": "changes of the weights after the update", "ja": "更新の後の重みの変更"},
    "averaging": {"en": "averages of weights along the way", "ja": "途中の重みの平均"},
    "stopping": {"en": "when a training ends", "ja": "訓練の終わり方"},
}


def pages() -> dict[str, str]:
    """Return the text of every page by its file's name."""
    found = {}
    for language in LANGUAGES:
        own = {"README": _index(language), "models": _models(language), "datasets": _data(language)}
        own |= {slot: _slot(slot, language) for slot in get_args(Slot)}
        for name, lines in own.items():
            found[name + ENDINGS[language]] = "\n\n".join(lines) + "\n"
    return found


def house() -> dict[str, list[Entry]]:
    """Return hikaku's own techniques by slot; plug-ins have pages of their own."""
    found: dict[str, list[Entry]] = {slot: [] for slot in get_args(Slot)}
    for entry in techniques().values():
        if entry.path.parent == TECHNIQUES:
            found[entry.slot].append(entry)
    return found


def _index(language: str) -> Iterator[str]:
    end, by_slot = ENDINGS[language], house()
    yield _headed(TITLE[language], "README", language)
    yield HEAD[language].format(
        techniques=sum(map(len, by_slot.values())), models=len(models()), datasets=len(datasets())
    )
    rows = [COLUMNS[language], "|---|---|---|"]
    for slot, entries in by_slot.items():
        names = ", ".join(f"[{one.name}]({slot}{end}#{one.name})" for one in entries)
        rows.append(f"| [`{slot}`]({slot}{end}) | {DOES[slot][language]} | {names} |")
    yield "\n".join(rows)
    yield "\n".join(
        f"- [{title[language]}]({page}{end}): {', '.join(f'[{n}]({page}{end}#{n})' for n in names)}"
        for title, page, names in ((MODELS, "models", models()), (DATASETS, "datasets", datasets()))
    )


def _slot(slot: str, language: str) -> Iterator[str]:
    title = SLOT[language].format(slot=slot, does=DOES[slot][language])
    yield _headed(title, slot, language)
    yield (MANY if slot in LIST_SLOTS else ONE)[language]
    for entry in house()[slot]:
        yield from _entry(entry, language)


def _models(language: str) -> Iterator[str]:
    yield _headed(MODELS[language], "models", language)
    for entry in models().values():
        yield from _entry(entry, language)


def _data(language: str) -> Iterator[str]:
    yield _headed(DATASETS[language], "datasets", language)
    for found in datasets().values():
        yield from _about(found, language)
        source = f"<{found.source}>" if found.source.startswith("http") else found.source
        told = message("licence: {licence}", licence=catalogued(found.licence))
        said = (message("source: {source}", source=source), told)
        yield "\n".join(f"- {say(one, language)}" for one in said)


def _entry(entry: Entry, language: str) -> Iterator[str]:
    yield from _about(entry, language)
    if entry.card:
        yield "\n".join(_card(entry, language))
    if entry.settings:
        rows = (
            f"| `{one.name}` | {_default(one)} | {say(one.range, language)} |"
            for one in entry.settings
        )
        yield "\n".join((SETTINGS[language], "|---|---|---|", *rows))


def _default(setting: Setting) -> str:
    return f"`{shown(setting.default)}`" if shown(setting.default) else ""


def _about(found: Entry | DataSet, language: str) -> Iterator[str]:
    yield f"## {found.name}"
    yield say(catalogued(found.summary), language)
    yield f"`{line_of(found)}`"


def _card(entry: Entry, language: str) -> Iterator[str]:
    for head, name in CARD:
        if text := getattr(entry.card, name):
            said = text if name in IN_ENGLISH else say(catalogued(text), language)
            yield f"- {say(head, language)}: {_code(text) if name == 'formula' else said}"


def _code(text: str) -> str:
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _headed(title: str, page: str, language: str) -> str:
    return f"# {title}\n\n{OTHER[language].format(page=page)}"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    print(f"{FOLDER.relative_to(ROOT)}: {len(pages())} pages")
