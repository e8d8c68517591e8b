"""Stores of older versions: read as if they were of today, and brought there when written to.

The statements name the columns as they were and became then, not as `schema` has them today.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from hikaku.store import schema

VIEWS = {
    2: (
        """CREATE TEMP VIEW hikaku_look AS
        SELECT *, 0 AS auto, json_array_length(seeds) AS horizon, NULL AS worth, 0 AS family,
        '[]' AS differences
        FROM main.hikaku_look""",
        """CREATE TEMP VIEW hikaku_study AS
        SELECT *, 0 AS first_seed, 0.0 AS seconds, 0 AS trained FROM main.hikaku_study""",
        """CREATE TEMP VIEW hikaku_allowance AS
        SELECT '' AS base, '' AS variant, '' AS equal, 0 AS steps WHERE 0""",
    ),
    3: (
        """CREATE TEMP VIEW hikaku_survey AS
        SELECT '' AS fingerprint, '' AS data, '' AS text WHERE 0""",
    ),
    4: (
        "CREATE TEMP VIEW hikaku_planned AS SELECT *, NULL AS seal FROM main.hikaku_planned",
        "CREATE TEMP VIEW hikaku_trial AS SELECT *, NULL AS seals FROM main.hikaku_trial",
        """CREATE TEMP VIEW hikaku_checkpoint AS
        SELECT '' AS key, 0 AS number, 0 AS step, '' AS file, '' AS digest, '' AS records,
        '' AS written WHERE 0""",
        """CREATE TEMP VIEW hikaku_event AS
        SELECT 0 AS id, '' AS key, '' AS kind, '' AS text, '' AS at WHERE 0""",
    ),
    5: (
        """CREATE TEMP VIEW hikaku_exhibit AS
        SELECT 0 AS study_id, '' AS subject, '' AS made_of, '' AS text, '' AS shape, x'' AS bytes,
        '' AS seal WHERE 0""",
    ),
}
"""What a store lacks that is older than this version, made up for a reader.

In SQLite, a temporary view hides a table of its name, and lives in memory.
"""

STATEMENTS = {
    2: (
        "ALTER TABLE hikaku_look ADD COLUMN auto BOOLEAN DEFAULT 0 NOT NULL",
        "ALTER TABLE hikaku_look ADD COLUMN horizon INTEGER DEFAULT 0 NOT NULL",
        "ALTER TABLE hikaku_look ADD COLUMN worth DOUBLE",
        "ALTER TABLE hikaku_look ADD COLUMN family INTEGER DEFAULT 0 NOT NULL",
        "ALTER TABLE hikaku_look ADD COLUMN differences TEXT DEFAULT '[]' NOT NULL",
        # What was shown before was one look at all seeds.
        "UPDATE hikaku_look SET horizon = json_array_length(seeds)",
        "ALTER TABLE hikaku_study ADD COLUMN first_seed BIGINT DEFAULT 0 NOT NULL",
        "ALTER TABLE hikaku_study ADD COLUMN seconds DOUBLE DEFAULT 0 NOT NULL",
        "ALTER TABLE hikaku_study ADD COLUMN trained BIGINT DEFAULT 0 NOT NULL",
        """CREATE TABLE hikaku_allowance (
        base VARCHAR(64) NOT NULL, variant VARCHAR(64) NOT NULL, equal VARCHAR(16) NOT NULL,
        steps BIGINT NOT NULL, PRIMARY KEY (base, variant, equal))""",
        "UPDATE hikaku_schema SET version = 2",
    ),
    3: (
        """CREATE TABLE hikaku_survey (
        fingerprint VARCHAR(64) NOT NULL, data VARCHAR(64) NOT NULL, text TEXT NOT NULL,
        PRIMARY KEY (fingerprint, data))""",
        "UPDATE hikaku_schema SET version = 3",
    ),
    4: (
        "ALTER TABLE hikaku_planned ADD COLUMN seal VARCHAR(16)",
        "ALTER TABLE hikaku_trial ADD COLUMN seals TEXT",
        """CREATE TABLE hikaku_checkpoint (
        key VARCHAR(64) NOT NULL, number INTEGER NOT NULL, step BIGINT NOT NULL,
        file TEXT NOT NULL, digest VARCHAR(64) NOT NULL, records TEXT NOT NULL,
        written VARCHAR(40) NOT NULL, PRIMARY KEY (key, number))""",
        """CREATE TABLE hikaku_event (
        id INTEGER NOT NULL, key VARCHAR(64) NOT NULL, kind VARCHAR(32) NOT NULL,
        text TEXT NOT NULL, at VARCHAR(40) NOT NULL, PRIMARY KEY (id))""",
        "CREATE INDEX ix_hikaku_event_key ON hikaku_event (key)",
        "UPDATE hikaku_schema SET version = 4",
    ),
    5: (
        """CREATE TABLE hikaku_exhibit (
        study_id INTEGER NOT NULL, subject VARCHAR(160) NOT NULL, made_of VARCHAR(64) NOT NULL,
        text TEXT NOT NULL, shape TEXT NOT NULL, bytes BLOB NOT NULL, seal VARCHAR(16) NOT NULL,
        PRIMARY KEY (study_id, subject),
        FOREIGN KEY(study_id) REFERENCES hikaku_study (id) ON DELETE CASCADE)""",
        "UPDATE hikaku_schema SET version = 5",
    ),
}
"""What brings a store from the version before to this one."""


def view(connection: Connection) -> None:
    """Let this connection read an old store as one of today; the store stays as it is.

    Raises StoreError where it is no store, or a newer one.
    """
    _run(connection, VIEWS)


def upgrade(connection: Connection) -> None:
    """Bring the tables of an old store to today's, in the transaction that is open."""
    _run(connection, STATEMENTS)


def _run(connection: Connection, steps: Mapping[int, Iterable[str]]) -> None:
    """Run the steps to every version that is younger than the store's; an empty one has none."""
    found = schema.version_of(connection)
    for statement in (one for version in steps if 0 < found < version for one in steps[version]):
        connection.exec_driver_sql(statement)
