"""The files that bring new rows, CSV or Parquet, read once, bounded and as data alone."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from features.intake.kinds import KINDS, Kind, kind_of
from features.intake.rows import Held
from features.private.cells import MAX_CELL, MAX_ROWS, Row, read_rows
from features.private.faults import Faults
from features.private.folder import MAX_FILES, MAX_TABLE_BYTES
from pricing.errors import Fault, InputError

CSV, PARQUET = ".csv", ".parquet"
MAX_UNPACKED = 64 * 2**20  # bytes of a Parquet file's columns before encoding, by its own statement
MAX_COLUMNS = 40
PARTED = {";": "semicolons", "\t": "tabs"}  # how other programs part cells
_LINE = re.compile(r", line (\d+)")


@dataclass(frozen=True)
class Received:
    """One file: its name, the SHA-256 of its bytes, which table it is of, and its rows as text."""

    name: str
    sha256: str
    kind: Kind | None
    rows: tuple[Row, ...]
    held: tuple[Held, ...]


@dataclass
class _Refused(Faults):
    """What reading refuses, as reasons to hold rows back."""

    name: str = ""
    held: list[Held] = field(default_factory=list)

    def note(self, place: str, what: str, expected: str, nearest: str | None = None) -> None:
        """Note one fault of a place."""
        super().note(place, what, expected, nearest)
        line = _LINE.search(place.removeprefix(self.name))
        column = place.rpartition("column ")[2] if ", column " in place else ""
        number = int(line[1]) if line else 0
        self.held.append(Held(self.name, number, "unreadable", column, what, expected, acceptable=False))


def read_files(paths: Sequence[Path]) -> list[Received]:
    """Return the files; of a folder its CSV and Parquet files.

    InputError names every path that cannot be read, and with them every file that is no table.
    """
    faults: list[Fault] = []
    found = [file for path in paths for file in _files(path, faults)]
    if len(found) > MAX_FILES:
        faults.append(Fault("FILES", f"{len(found)} files", f"at most {MAX_FILES} at once"))
    names = [path.name for path in found]
    faults += [
        Fault(
            _named(name), "a second file of that name", "files of different names, for rows are told by name and line"
        )
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    read = [_read(path) for path in found[:MAX_FILES]]
    if faults:
        raise InputError(*faults, *_unread(read))
    return read


def _unread(files: Sequence[Received]) -> Iterator[Fault]:
    """Yield why files that can be opened are no tables, to be told beside the paths that cannot."""
    for file in files:
        if file.kind is None:
            yield from (Fault(_named(file.name), one.found, one.expected) for one in file.held)


def _files(path: Path, faults: list[Fault]) -> Iterator[Path]:
    if not path.is_dir():
        if not path.exists() or not stat.S_ISREG(path.stat().st_mode):
            faults.append(Fault(_named(path.name), "no regular file", "a CSV or Parquet file, or a folder of them"))
        elif path.suffix not in {CSV, PARQUET} or not path.name.isprintable():
            faults.append(
                Fault(_named(path.name), f"the ending {path.suffix!r}", f"a plain name and {CSV} or {PARQUET}")
            )
        else:
            yield path
        return
    root = path.resolve()
    for entry in sorted(path.iterdir()):
        if entry.suffix not in {CSV, PARQUET} or entry.name.startswith("."):
            continue
        if entry.resolve().is_relative_to(root):
            yield from _files(entry, faults) if entry.is_file() else ()
        else:
            faults.append(
                Fault(_named(entry.name), "a link that leads out of its folder", "a file of the folder itself")
            )


def _read(path: Path) -> Received:
    refused = _Refused(name=path.name)
    with path.open("rb") as file:
        content = file.read(MAX_TABLE_BYTES + 1)
    text = ""
    if len(content) > MAX_TABLE_BYTES:
        refused.note(path.name, f"more than {MAX_TABLE_BYTES:,} bytes", f"at most {MAX_TABLE_BYTES:,}; split the file")
    elif path.suffix == PARQUET:
        text = _parquet_text(content, refused)
    else:
        text = _csv_text(content, refused)
    text = "" if _parted_wrongly(text, refused) else text
    columns, rows = read_rows(path.name, text, refused) if text else ((), [])
    kind = kind_of(columns)
    if columns and kind is None:
        refused.note(f"{path.name}, line 1", f"the columns {_named(', '.join(columns))}", _headings())
    digest = hashlib.sha256(content).hexdigest()
    return Received(path.name, digest, kind, tuple(rows) if kind else (), tuple(refused.held))


def _parted_wrongly(text: str, refused: Faults) -> bool:
    """Return whether a heading is parted by something else than commas, and note it."""
    heading = text.partition("\n")[0]
    found = next((name for mark, name in PARTED.items() if mark in heading and "," not in heading), "")
    if found:
        refused.note("", f"cells separated by {found}", "cells separated by commas, with a point for decimals")
    return bool(found)


def _named(name: str) -> str:
    """Return a name from outside so that it can be printed."""
    return (name if name.isprintable() else ascii(name))[:MAX_CELL]


def _csv_text(content: bytes, refused: Faults) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = ""
    if not content:
        refused.note("", "the file is empty", "a CSV table with one heading line")
    elif not text:
        refused.note("", "no text in UTF-8", "a CSV table with one heading line")
    return text


def _parquet_text(content: bytes, refused: Faults) -> str:
    """Return a Parquet file's rows as CSV text, so that all later checks are those of a CSV file."""
    try:
        file = pq.ParquetFile(io.BytesIO(content))
        if wrong := _unfit(file):
            refused.note("", *wrong)
            return ""
        texts = [column.name for column in file.schema_arrow if _is_text(column.type)]
        table = pq.ParquetFile(io.BytesIO(content), read_dictionary=texts).read()
        if any(len(word) > MAX_CELL for name in texts for word in _words(table.column(name))):
            refused.note("", f"a text of more than {MAX_CELL} characters", "shorter texts")
            return ""
        columns = [[_cell(value) for value in column.to_pylist()] for column in table.columns]
    except (pa.ArrowException, OSError, ValueError, UnicodeDecodeError):
        refused.note("", "no Parquet that can be read", "a Parquet table with the columns of the dataset")
        return ""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerows([table.column_names, *zip(*columns, strict=True)])
    return buffer.getvalue()


def _unfit(file: pq.ParquetFile) -> tuple[str, str] | None:
    """Return what is wrong with a file by its own statement, and what was expected; nothing is unpacked yet."""
    stated = file.metadata
    unpacked = sum(stated.row_group(i).total_byte_size for i in range(stated.num_row_groups))
    if stated.num_rows > MAX_ROWS or stated.num_columns > MAX_COLUMNS or unpacked > MAX_UNPACKED:
        return f"{stated.num_rows:,} rows of {unpacked:,} bytes", f"at most {MAX_ROWS:,} rows, {MAX_UNPACKED:,} bytes"
    odd = [str(column.type) for column in file.schema_arrow if not _is_plain(column.type)]
    return (f"a column of type {odd[0]}", "texts, numbers and days alone") if odd else None


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind))


def _is_plain(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type) and not pa.types.is_dictionary(kind.value_type)
    number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    return bool(number or _is_text(kind) or pa.types.is_date(kind) or pa.types.is_timestamp(kind) or kind == pa.null())


def _words(column: pa.ChunkedArray) -> Iterator[str]:
    for chunk in column.chunks:
        yield from (word for word in chunk.dictionary.to_pylist() if word is not None)


def _cell(value: object) -> str:
    if value is None or value != value:  # noqa: PLR0124 - NaN, which stands for an empty cell
        return ""
    return str(value).removesuffix(" 00:00:00")


def _headings() -> str:
    return " or ".join(f"{', '.join(kind.columns)} ({kind.name})" for kind in KINDS.values())
