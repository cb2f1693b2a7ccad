"""The shape of what is told of published models and of the service itself. Times are UTC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from serving.schemas import ModelOut


@dataclass(frozen=True, slots=True)
class SpanOut:
    """A time in which a version was the champion, UTC; `until` is null while it is, or where no end is on record.

    `because` is the reason on record; `withdrawn` is why a rollback took the version out of service.
    """

    since: str
    until: str | None
    by: str
    because: str
    withdrawn: str


@dataclass(frozen=True, slots=True)
class ModelVersionOut:
    """One published version, when it was the champion, and what the gate said of it; empty where it is not on record.

    `champion` is what the registry names; `serving` is what answers here.
    """

    version: str
    bundle: str
    champion: bool
    serving: bool
    served: tuple[SpanOut, ...]
    gate: str
    against: tuple[str, ...]
    promoted_anyway: str


@dataclass(frozen=True, slots=True)
class RefusedOut:
    """A champion that does not serve, why, and when it is tried again."""

    version: str
    bundle: str
    why: str
    since: str
    tries: int
    next_try: str


@dataclass(frozen=True, slots=True)
class AwayOut:
    """Why the registry names no champion, since when, and when it is asked again."""

    why: str
    since: str
    tries: int
    next_try: str


@dataclass(frozen=True, slots=True)
class WatchOut:
    """What the watch on the champion knows; `every_s` and `answered` are null where nothing is watched."""

    every_s: float | None
    answered: str | None
    away: AwayOut | None
    refused: RefusedOut | None


@dataclass(frozen=True, slots=True)
class ModelsAnswer:
    """The model that serves and the versions beside it."""

    serving: ModelOut
    dataset: str
    last_day: str
    first_month: str
    last_month: str
    draws: int
    seed: int
    versions: tuple[ModelVersionOut, ...]
    refused: RefusedOut | None
    away: AwayOut | None
    model_card: str


@dataclass(frozen=True, slots=True)
class HealthOut:
    """Whether the process runs."""

    status: str


@dataclass(frozen=True, slots=True)
class ReadyOut:
    """Whether a model serves, which, since when here; `degraded` where it may not be the one the registry names.

    `flags` names materials without a price in their newest month of which the model before it gave one.
    """

    status: Literal["ready", "degraded", "no model published"]
    bundle: str | None
    version: str | None
    since: str | None = None
    watch: WatchOut | None = None
    flags: tuple[str, ...] = ()
