"""The shape of what was published when. Amounts as in a history: USD/kg oxide ex VAT; null means not available."""

from __future__ import annotations

from dataclasses import dataclass

from serving.schemas import Flag, ModelOut


@dataclass(frozen=True, slots=True)
class PublicationRow:
    """A month's fair price as one version gave it.

    `what` is `published` (that day, by the champion of that day), `replayed` (of that day, by the model that serves
    now, because nothing published is on record), `first`, `first that can be read`, `change` or `now`. `kind` says of a
    change what it is. `at` is when it took effect, UTC, by the clock of that machine; null where it was replayed.
    `because`, `gate`, `against` and `promoted_anyway` stand on the record of the promotion, as written then; the last
    two are null where the line does not say, the first two empty. `withdrawn` is why a rollback took the version out of
    service. `differs` names what is not the same as in the model before. `change_*` is less the value before; in `now`
    less that of the day. Of an interval it is the difference of the low ends (p10) and of the high ends (p90),
    which are not ordered. A month that a version does not give has null in place of its amounts.
    """

    what: str
    kind: str
    at: str | None
    version: str
    by: str
    because: str
    gate: str
    against: tuple[str, ...] | None
    promoted_anyway: str | None
    withdrawn: str
    differs: str
    month: str
    known_on: str | None
    status: str
    reason: str
    fair_long_run_usd_per_kg: float | None
    fair_long_run_p10_usd_per_kg: float | None
    fair_long_run_p90_usd_per_kg: float | None
    fair_short_run_usd_per_kg: float | None
    fair_short_run_p10_usd_per_kg: float | None
    fair_short_run_p90_usd_per_kg: float | None
    change_long_run_usd_per_kg: float | None
    change_long_run_percent: float | None
    change_long_run_p10_usd_per_kg: float | None
    change_long_run_p90_usd_per_kg: float | None
    change_short_run_usd_per_kg: float | None
    market_china_usd_per_kg: float | None
    market_china_source: str
    market_china_quote_day: str
    market_ex_china_usd_per_kg: float | None
    market_ex_china_source: str
    market_ex_china_quote_day: str
    method: str
    data_until: str
    bundle: str
    snapshot: str
    quote_id: str | None


@dataclass(frozen=True, slots=True)
class UnreadOut:
    """A version that served and whose bundle cannot be read: what it published is not known."""

    version: str
    bundle: str
    since: str
    until: str | None
    why: str


@dataclass(frozen=True, slots=True)
class PublicationAnswer:
    """What was published of a material on a day, and what became of it.

    `month` is the month that answered the question for a price that day. `first` is null where the bundle of an earlier
    champion cannot be read: it may have given the month before; `first_read` is then the first that can be read.
    `changes` are all later values of that month in the order of the record, before and after the day. `corrected` says
    whether one of them came after what was published that day; null where nothing published is on record, or where none
    is known and what a later champion published cannot be read. `unchanged_by` are champions that came after the first
    value and left the month as it was.
    """

    material: str
    on: str
    month: str | None
    basis: str
    digits: int
    corrected: bool | None
    flags: tuple[Flag, ...]
    words: tuple[str, ...]
    on_the_day: PublicationRow | None
    first: PublicationRow | None
    first_read: PublicationRow | None
    changes: tuple[PublicationRow, ...]
    now: PublicationRow | None
    unchanged_by: tuple[str, ...]
    unread: tuple[UnreadOut, ...]
    model: ModelOut
