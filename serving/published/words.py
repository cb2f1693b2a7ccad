"""What was published, in sentences to read aloud."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from serving.published.day import Day
from serving.published.record import WITHDRAWN, MonthRecord
from serving.published.rows import FIRST_READ
from serving.published.schemas import PublicationRow
from serving.published.turns import Turn

REFUSED = "refused"  # gate of a line
ESTIMATE = "estimate"  # status of a month with a point; a reason beside it is a caution


def words(
    material: str,
    day: Day,
    said: PublicationRow | None,
    earliest: PublicationRow | None,
    changes: Sequence[PublicationRow],
    now: PublicationRow | None,
) -> Iterator[str]:
    """Yield what was published on the day, when its month was first published, each change, and what is in force."""
    if said is None:
        named = f" for {day.month}" if day.month else ""
        yield f"No fair price of {material}{named} could be known on {day.request.on}."
    elif day.published:
        yield f"On {day.request.on} the fair price of {material} was {_amount(said)} for {said.month}, by {_by(said)}."
    else:
        told = f"Nothing published on {day.request.on} is on record; replayed by version {said.version}"
        yield f"{told} from what was known that day: {_amount(said)} for {said.month}."
    if earliest is not None:
        yield from _first(day, said, earliest)
    yield from (change_words(row) for row in changes)
    if earliest is not None:
        yield from _since(day, changes)
    if now is not None and said is not None and now.change_long_run_usd_per_kg:
        yield f"Now it is {_amount(now)}, {now.change_long_run_usd_per_kg:+,.2f} USD/kg from that day's."


def _first(day: Day, said: PublicationRow | None, earliest: PublicationRow) -> Iterator[str]:
    """Yield when the month was first published, or which is the first that can be read and why no more is known."""
    told = f"at {earliest.at}, by {_by(earliest)}: {_amount(earliest)}"
    if earliest.what == FIRST_READ and day.record and day.record.earliest:
        why = versions_unread(day.record, day.record.earliest.turn)
        yield f"The first of {earliest.month} that can be read was published {told}; {why}."
    elif said is None or (earliest.at, earliest.version) != (said.at, said.version):
        yield f"{earliest.month} was first published {told}."


def versions_unread(record: MonthRecord, turn: Turn) -> str:
    """Return which versions served before a turn and cannot be read."""
    return f"what {_listed(record.unread_before(turn))} published before cannot be read"


def change_words(row: PublicationRow) -> str:
    """Return a later value of a month in one sentence: when, what kind, how far it moved, who let it serve and why."""
    if row.status == "":
        return f"{row.at}: {row.kind}, by {_by(row)}; no value of {row.month} is given."
    differs = f"; not the same: {row.differs}" if row.differs else ""
    return f"{row.at}: {row.kind} to {_amount(row)}{_moved(row)}, by {_by(row)}{differs}."


def _moved(row: PublicationRow) -> str:
    """Return how far a value moved, of a band its ends; empty where it had none before."""
    value, share = row.change_long_run_usd_per_kg, row.change_long_run_percent
    if value is not None:
        return f", {value:+,.2f} USD/kg" + ("" if share is None else f" ({share:+.1f} %)")
    low, high = row.change_long_run_p10_usd_per_kg, row.change_long_run_p90_usd_per_kg
    return "" if low is None or high is None else f", low end {low:+,.2f} and high end {high:+,.2f} USD/kg"


def _since(day: Day, changes: Sequence[PublicationRow]) -> Iterator[str]:
    record = day.record
    if record is None or record.earliest is None:
        return
    unread = record.unread_after(record.earliest.turn)
    unchanged = list(dict.fromkeys(turn.version for turn in record.unchanged))
    if not changes:
        read = f"; what {_listed(unread)} published later cannot be read" if unread else ""
        where = " on the record as it was read last" if day.register.last_read else ""
        who = "No later version that can be read" if unread else f"No later version{where}"
        yield f"{who} changed it{f' (unchanged by {_listed(unchanged)})' if unchanged else ''}{read}."
    elif changes[-1].kind == WITHDRAWN:
        yield f"What was published of {record.month} is withdrawn until a version gives the month again."


def _amount(row: PublicationRow) -> str:
    """Return a fair price with its 80 % interval and what it is cautioned by, a band alone, or that there is none."""
    low, high = row.fair_long_run_p10_usd_per_kg, row.fair_long_run_p90_usd_per_kg
    if low is None or high is None:
        return "refused"
    band = f"{low:,.2f} to {high:,.2f}"
    value = row.fair_long_run_usd_per_kg
    caution = f"; {row.reason}" if row.status == ESTIMATE and row.reason else ""
    return f"a band and no point, {band} USD/kg" if value is None else f"{value:,.2f} USD/kg (80 %: {band}{caution})"


def _by(row: PublicationRow) -> str:
    """Return which version it was, who let it serve, and why."""
    reasons = [reason for reason in (row.because, row.promoted_anyway) if reason]
    told = f", let serve by {row.by or 'nobody on record'}"
    why = f": {'; '.join(dict.fromkeys(reasons))}" if reasons else (f", gate {row.gate}" if row.gate else "")
    against = _against(row)
    gone = f" (taken out of service later: {row.withdrawn})" if row.withdrawn else ""
    return f"version {row.version}{told}{why}{against}{gone}"


def _against(row: PublicationRow) -> str:
    """Return what the gate had against a version: one reason as it stands, more by their number."""
    if row.against is None:
        return " (the gate against it: not on record)" if row.gate == REFUSED else ""
    if len(row.against) > 1:
        return f" (gate refused it, {len(row.against)} reasons; `fairprice models` lists them)"
    return "".join(f" (the gate against it: {reason.rstrip('.')})" for reason in row.against)


def _listed(versions: Sequence[str]) -> str:
    return f"version {versions[0]}" if len(versions) == 1 else f"{len(versions)} versions, the last {versions[-1]}"
