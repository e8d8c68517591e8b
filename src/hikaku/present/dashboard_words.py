"""What the dashboard's pages say beside names and numbers; templates know these by their keys."""

from __future__ import annotations

from datetime import datetime

from hikaku.present.report import Words
from hikaku.words import Message, message

SAID: dict[str, Message] = {
    "all": message("All studies"),
    "compare": message("Compare studies"),
    "live": message("up to date"),
    "lost": message("connection lost; trying again"),
    "stale": message("not up to date"),
    "full": message("not renewed: as many pages are open as can be; trying again"),
    "ended": message("the dashboard has ended; this is what it last said"),
    "running": message("Running now"),
    "empty": message("The store holds no study yet."),
    "study": message("study"),
    "question": message("question"),
    "arms": message("arms"),
    "trials": message("trials"),
    "last run": message("last run"),
    "variant": message("variant"),
    "how effects": message(
        "Effect with its intervals, + is better; shaded: differences smaller than worth. The thin "
        "line decides helps and hurts, the thick one no practical difference."
    ),
    "reading": message("The study is being read ..."),
    "curves": message("Learning curves"),
    "how curves": message(
        "By epoch: mean over seeds, on validation with a 95 % band, on train dashed. Blue is the "
        "variant, the other line what it is compared with; thin lines are trials on their way."
    ),
    "how few": message(
        "Dotted: some of its seeds have stopped; the mean of those still training may rise or fall "
        "by that alone."
    ),
    "how compared": message(
        "Each study has its own base, data and metric; each verdict is that of its own study."
    ),
    "choice": message("Studies to compare"),
    "report": message("the whole report"),
    "writing": message("The report is being written; this page shows it when it is there."),
}


def of_trials(ended: int, most: str) -> Message:
    """Say how many trials have ended."""
    return message("{ended} of {total} trials", ended=ended, total=most)


def of_seed(seed: int) -> Message:
    """Say a trial's seed, behind the name of its arm."""
    return message("seed {seed}", seed=seed)


def all_views(n: int) -> Message:
    """Say where the views are that are not drawn here."""
    return message("The report draws all {n} views.", n=n)


def while_training(metric: Words, title: str) -> Message:
    """Say what a view of curves shows."""
    return message("{metric} while training: {title}", metric=metric, title=title)


def more_flights(n: int) -> Message:
    """Say how many trials on their way are not named."""
    return message("and {n} more", n=n)


def late(read: datetime, again: datetime | None) -> Message:
    """Say when verdicts and curves were read that are old now, and when they are read `again`."""
    if again is None:
        return message("Verdicts and curves as of {time}; being read again.", time=_clock(read))
    return message(
        "Verdicts and curves as of {time}; read again at about {again}.",
        time=_clock(read),
        again=_clock(again),
    )


def _clock(time: datetime) -> str:
    return f"{time:%H:%M:%S}"


def take_out(name: str) -> Message:
    """Offer to take a study out of the comparison."""
    return message("take out {name}", name=name)


def add(name: str) -> Message:
    """Offer to compare with this study, too."""
    return message("add {name}", name=name)


def broken(error: str) -> Message:
    """Say that the dashboard itself is at fault."""
    return message("The dashboard could not read this ({error}).", error=error)


def unwritten(error: str) -> Message:
    """Say that a report could not be written."""
    return message("The report could not be written ({error}).", error=error)


def most_compared(n: int) -> Message:
    """Say why no further study is offered."""
    return message("{n} studies is the most side by side. Take one out to add another.", n=n)


def gone() -> Message:
    """Say that what a page shows is no longer there."""
    return message("This is no longer in the store. The page shows what it last said.")


def no_such_page() -> Message:
    """Say that an address leads nowhere."""
    return message("There is no such page.")
