"""The table of verdicts says what its intervals hold, and how many seeds it took."""

from __future__ import annotations

from dataclasses import replace

import fake_study
from fake_study import Whole

from hikaku.present import terminal
from hikaku.present.interval_bar import bars, svg
from hikaku.present.report import Table, spoken
from hikaku.present.verdict_table import verdict_table
from hikaku.record import Results


def table(whole: Whole) -> Table:
    return verdict_table(whole.study, whole.results, whole.findings)


def rows(whole: Whole) -> dict[str, list[str]]:
    told = [[spoken(cell.text, "en") for cell in row] for row in table(whole).rows]
    return {row[0]: row[1:] for row in told}


def notes(whole: Whole) -> list[str]:
    return [spoken(note, "en") for note in table(whole).notes]


def test_automatic_seeds_are_told_as_used_of_at_most() -> None:
    whole = fake_study.automatic()
    for finding in whole.findings:
        assert rows(whole)[finding.variant][3] == f"{len(finding.seeds)}/20"
    assert rows(whole)["early-stopping"][3] == "20/20"
    explained = [note for note in notes(whole) if note.startswith("seeds: ")]
    assert explained == [
        "seeds: those used, of at most 20; a comparison that is decided takes no more"
    ]


def test_fixed_seeds_need_no_such_note(digits: Whole) -> None:
    assert not [note for note in notes(digits) if note.startswith("seeds: ")]


def test_before_five_automatic_seeds_there_is_no_interval() -> None:
    whole = fake_study.automatic(("dropout",))
    trials = {key: trial for key, trial in whole.results.trials.items() if key[1] < 4}
    early = fake_study.whole(whole.study, Results(whole.study.seeds, trials))
    verdict, effect, interval, seeds, *_ = rows(early)["dropout"]
    assert (verdict, interval, seeds) == ("undecided", "–", "4/20")
    assert effect.startswith("+0.0")


def test_a_shared_error_names_the_level_of_each_and_of_all() -> None:
    whole = fake_study.automatic()
    assert notes(whole)[0] == (
        "intervals at 99 % each, so that all 5 hold together at 95 %; worth 0.01"
    )


def test_one_variant_has_the_whole_error() -> None:
    assert notes(fake_study.automatic(("dropout",)))[0] == "intervals at 95 %; worth 0.01"


def test_levels_and_margins_that_differ_are_all_named() -> None:
    whole = fake_study.automatic()
    first, *others = whole.findings
    bound = replace(first, level=0.995, worth=0.02)
    mixed = replace(whole, findings=(bound, *others))
    assert notes(mixed)[0] == (
        "intervals at 99–99.5 % each, so that all 5 hold together at 95 %; worth 0.02, 0.01"
    )


def test_an_exploratory_family_promises_no_shared_error() -> None:
    whole = fake_study.automatic(tuple(f"v{n}" for n in range(16)), most=6)
    assert "hold together" not in notes(whole)[0]
    assert notes(whole)[0].startswith(
        "exploratory: of the effects found among so many (16) variants, 5 % are expected to be none"
    )


def test_a_verdict_by_divergence_counts_the_seeds_that_were_judged() -> None:
    names = ("dropout", "l2")
    always = tuple(("dropout", seed) for seed in range(20))
    whole = fake_study.automatic(names, diverged=always)
    found = whole.findings[0]
    assert (found.by, found.seeds) == ("divergence", ())
    assert len(found.planned) < 20
    judged = len(found.planned)
    told = ["unstable", "–", "–", f"{judged}/20", "–", "–", str(judged)]
    assert rows(whole)["dropout"] == told
    assert "decided by divergence: dropout" in notes(whole)
    assert not [note for note in notes(fake_study.automatic(names)) if "by divergence" in note]


def test_only_an_undecided_comparison_needs_more_seeds_and_a_terminal_has_no_room_for_it() -> None:
    whole = fake_study.automatic()
    needed = {name: row[4] for name, row in rows(whole).items()}
    decided = {one.variant for one in whole.findings if one.verdict != "undecided"}
    assert {name for name, text in needed.items() if text == "–"} == decided
    assert needed["early-stopping"].startswith("≈")
    assert rows(fake_study.automatic(diverged=(("l2", 2),)))["l2"][6] == "1"
    assert not [column for column in ("still needed", "diverged") if column in plain(whole)]


def plain(whole: Whole) -> str:
    return terminal.text(whole.tables(), "en").split("Verdicts:")[1].split("intervals at")[0]


def test_the_bars_of_a_table_share_one_view_that_holds_every_interval() -> None:
    whole = fake_study.automatic()
    drawn = [row[3].bar for row in table(whole).rows]
    (view,) = {bar.view for bar in drawn}
    assert all(view[0] < end < view[1] for bar in drawn for end in (*bar.outer, *bar.inner))
    assert {bar.tone: str(bar.alt) for bar in drawn} == {
        "helps": "above 0",
        "no-practical-difference": "within the margin",
        "undecided": "on both sides of 0",
        "hurts": "below 0",
    }
    assert "nan" not in "".join(map(svg, bars(fake_study.unfinished().findings)))


def test_fixed_seeds_of_which_all_diverged_are_all_counted() -> None:
    asked = fake_study.study(("dropout", "l2"), tuple(range(12)))
    always = tuple(("dropout", seed) for seed in asked.seeds)
    whole = fake_study.whole(asked, fake_study.results(asked, always))
    assert whole.findings[0].by == "divergence"
    assert rows(whole)["dropout"][3] == "12"
