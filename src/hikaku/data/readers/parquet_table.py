"""From the rows of Parquet files without images to a `Task`: typed columns as a table has them."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from hikaku.data.readers.contents import gather
from hikaku.data.readers.parquet_files import Rows
from hikaku.data.readers.table import as_task, check_names
from hikaku.data.task import Kind, Task
from hikaku.errors import Fault
from hikaku.study.own_data import Parquet, Table
from hikaku.words import message


def task_of_table(rows: Rows, name: str, target: str, kind: Kind, asked: Parquet) -> Task:
    """Return the rows as a task that learns the column `target`.

    Truth values are 1 and 0; null and NaN are gaps. Raises DataError with every column that is
    neither of numbers nor of text.
    """
    table = Table(
        target=target,
        drop=asked.drop,
        groups=asked.groups,
        categorical=asked.categorical,
        standardize=asked.standardize is not False,
        classes=asked.classes,
    )
    names = rows.schema.names
    check_names(names, table, rows.where, setting="label")
    columns = {key: _plain(rows.column(key)) for key in names if key not in table.drop}
    gather(
        [
            Fault(
                message("neither numbers nor text, but {type}", type=rows.schema.field(key).type),
                f"{rows.where} {key}:",
                mend=message('leave it out by drop = ["{name}"]', name=key),
            )
            for key, cells in columns.items()
            if cells is None
        ]
    )
    return as_task(name, columns, kind, table, rows, rows.given)


def _plain(cells: Any) -> Any:
    """Return a column as float64 or text with nulls, None where it is of another type."""
    kind, types = cells.type, pa.types
    if types.is_string(kind) or types.is_large_string(kind):
        return cells.cast(pa.string())
    if types.is_boolean(kind) or types.is_integer(kind):
        cells = cells.cast(pa.int64()) if types.is_boolean(kind) else cells
    elif not (types.is_floating(kind) or types.is_decimal(kind) or types.is_null(kind)):
        return None
    numbers = cells.cast(pa.float64(), safe=False)
    return pc.if_else(pc.is_nan(numbers), pa.scalar(None, pa.float64()), numbers)
