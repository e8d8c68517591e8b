"""The tables, each name beginning with `hikaku_`; portable, so that a server could hold them.

    study ── arm ── planned  what was asked: (arm, seed) → the trial key of its latest `plan`;
                             an arm stays when it is edited, and when its trials are pruned
    trial ── record, sheet   what was measured, by trial key; no study owns a trial
    look                     what comparisons are bound to, for a verdict of them was shown
    allowance                the updates that an arm was given, where it may cost as much as base
    survey                   what a worker found out about an arm on its data, for the planner
    exhibit                  what a study's report shows beside figures; made again where missing
    checkpoint               where trials that have not ended can go on, the last two of each
    event                    what happened to trials that their results do not show; only added to

Looks, allowances and surveys outlive studies and trials. Columns with a default are younger than
version 1; what a version changes stands in `upgrade`, too.

Times are ISO 8601 text in UTC. JSON is text.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Double,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    insert,
    inspect,
    select,
    text,
)

from hikaku.errors import StoreError
from hikaku.words import message

VERSION = 5
"""Raised whenever the tables change; an older store is upgraded, a newer one refused."""

ZERO = text("0")

metadata = MetaData()

schema = Table("hikaku_schema", metadata, Column("version", Integer, primary_key=True))

study = Table(
    "hikaku_study",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    # Seen from the store's own folder, so that both can move together.
    Column("folder", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("arms", Integer, nullable=False),
    Column("plans", Integer, nullable=False),
    Column("first_run", String(40), nullable=False),
    Column("last_run", String(40), nullable=False),
    Column("first_seed", BigInteger, nullable=False, server_default=ZERO),
    # What all runs have cost: of training, and in trials.
    Column("seconds", Double, nullable=False, server_default=ZERO),
    Column("trained", BigInteger, nullable=False, server_default=ZERO),
    UniqueConstraint("name", "folder"),
)

arm = Table(
    "hikaku_arm",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("study_id", ForeignKey(study.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("text", String(64), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("evaluation", Text, nullable=False),
    Column("sources", Text, nullable=False),
)

planned = Table(
    "hikaku_planned",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("arm_id", ForeignKey(arm.c.id, ondelete="CASCADE"), nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("key", String(64), nullable=False, index=True),
    Column("plan", Integer, nullable=False),
    # NULL: written before there were seals.
    Column("seal", String(16)),
    UniqueConstraint("arm_id", "seed"),
)

trial = Table(
    "hikaku_trial",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(64), nullable=False, unique=True),
    Column("fingerprint", String(64), nullable=False, index=True),
    Column("seed", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("step", BigInteger, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("steps_per_epoch", BigInteger, nullable=False),
    Column("parameters", BigInteger, nullable=False),
    Column("samples", Text, nullable=False),
    Column("arithmetic", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("cost", Text, nullable=False),
    Column("ended", String(40), nullable=False),
    # NULL: written before there were seals.
    Column("seals", Text),
)

record = Table(
    "hikaku_record",
    metadata,
    Column("trial_id", ForeignKey(trial.c.id, ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("reading", String(16), nullable=False),
    Column("step", BigInteger, nullable=False),
    Column("split", String(16), nullable=False),
    Column("metric", Text, nullable=False),
    # NaN is NULL, since SQLite has no other; the infinities are values of the column.
    Column("value", Double),
)

sheet = Table(
    "hikaku_sheet",
    metadata,
    Column("trial_id", ForeignKey(trial.c.id, ondelete="CASCADE"), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("dtype", String(16), nullable=False),
    Column("shape", Text, nullable=False),
    Column("bytes", LargeBinary, nullable=False),
)

look = Table(
    "hikaku_look",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("base", String(64), nullable=False),
    Column("variant", String(64), nullable=False),
    Column("metric", Text, nullable=False),
    Column("seeds", Text, nullable=False),
    Column("shown", String(40), nullable=False),
    Column("auto", Boolean, nullable=False, server_default=false()),
    Column("horizon", Integer, nullable=False, server_default=ZERO),
    # NULL, and a family of 0: a verdict was shown before these were remembered.
    Column("worth", Double),
    Column("family", Integer, nullable=False, server_default=ZERO),
    # A list of [seed, difference], NaN as null.
    Column("differences", Text, nullable=False, server_default="[]"),
    UniqueConstraint("base", "variant", "metric", "seeds"),
)

allowance = Table(
    "hikaku_allowance",
    metadata,
    Column("base", String(64), primary_key=True),
    Column("variant", String(64), primary_key=True),
    Column("equal", String(16), primary_key=True),
    Column("steps", BigInteger, nullable=False),
)

survey = Table(
    "hikaku_survey",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("data", String(64), primary_key=True),
    Column("text", Text, nullable=False),
)

exhibit = Table(
    "hikaku_exhibit",
    metadata,
    Column("study_id", ForeignKey(study.c.id, ondelete="CASCADE"), primary_key=True),
    # "data", or the fingerprints of two arms.
    Column("subject", String(160), primary_key=True),
    Column("made_of", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("shape", Text, nullable=False),
    Column("bytes", LargeBinary, nullable=False),
    Column("seal", String(16), nullable=False),
)

checkpoint = Table(
    "hikaku_checkpoint",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("step", BigInteger, nullable=False),
    Column("file", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("records", Text, nullable=False),
    Column("written", String(40), nullable=False),
)

happened = Table(
    "hikaku_event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(64), nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", String(40), nullable=False),
)


def version_of(connection: Connection) -> int:
    """Return the version of the tables; 0 where the database holds none yet.

    Raises StoreError where its tables are not a store's, or a newer hikaku's.
    """
    names = set(inspect(connection).get_table_names())
    if not names:
        return 0
    if schema.name not in names:
        raise StoreError.of(
            message("not a hikaku store"),
            why=message("it holds other tables: {names}", names=", ".join(sorted(names)[:5])),
            mend=message("name another file with --store; nothing was changed"),
        )
    version: int | None = connection.scalar(select(schema.c.version))
    if version is None or not 1 <= version <= VERSION:
        raise StoreError.of(
            message(
                "written by a newer hikaku: tables of version {found}, this one knows {known}",
                found=version,
                known=VERSION,
            ),
            mend=message("install a newer hikaku; nothing was changed"),
        )
    return version


def create(connection: Connection) -> None:
    """Make the tables of an empty database."""
    metadata.create_all(connection)
    connection.execute(insert(schema).values(version=VERSION))


def now() -> str:
    """Return the time as the tables hold it, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
