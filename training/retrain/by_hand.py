"""A person lets a version serve, or takes the one that serves out of service: on the record, with a reason."""

from __future__ import annotations

import difflib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pricing.bundle import Bundle
from pricing.errors import BundleError, Fault, InputError, MissingModelError
from training.config import CHALLENGER
from training.promotion import user
from training.registry import Registered, champion, end_challenge, mark, promote, promoted, under, unmark, versions
from training.retrain.gate import ROLLED_BACK, ROLLED_BACK_BY, WITHDRAWN
from training.retrain.lock import Turn
from training.retrain.published import bundle_of
from training.retrain.status_change import status_change

REFUSED = "refused"
Warn = Callable[[str], None]  # takes a sentence for whoever decides


def quiet(_sentence: str) -> None:
    """Take a warning and show nothing."""


def let_serve(tracking_uri: str, version: str, because: str, turn: Turn, warn: Warn = quiet) -> Registered | None:
    """Let a version serve and return the one it replaces. BundleError when its files are missing or altered.

    `warn` is told which months lose their price by it, or that nobody can say because the champion cannot be read.
    InputError without a reason, or when there is no such version; HeldError while another changes what serves.
    """
    _check_reason(because)
    with turn.taken(tracking_uri):
        wanted = _named(versions(tracking_uri), version, "VERSION")
        with tempfile.TemporaryDirectory() as scratch:
            bundle = bundle_of(tracking_uri, wanted, Path(scratch) / "wanted")
            for sentence in _lost(tracking_uri, wanted, bundle, Path(scratch) / "champion"):
                warn(sentence)
        return _put_in_service(tracking_uri, wanted, because)


def roll_back(tracking_uri: str, to: str | None, because: str, turn: Turn) -> tuple[Registered, Registered]:
    """Take the champion out of service and return it with the version that serves in its place.

    Without `to` that is the last one on record that served before it and was not taken out of service itself. The mark
    on the version stays: a retrain that makes the same bundle again does not promote it. HeldError while another
    changes what serves.
    """
    _check_reason(because)
    with turn.taken(tracking_uri):
        return _rolled_back(tracking_uri, to, because)


def _lost(tracking_uri: str, wanted: Registered, bundle: Bundle, scratch: Path) -> Iterator[str]:
    """Yield what a version says less of than the champion; nothing where it is the champion, or none serves."""
    serving = champion(tracking_uri)
    if serving is None or serving.version == wanted.version:
        return
    try:
        before = bundle_of(tracking_uri, serving, scratch)
    except BundleError as fault:
        yield f"Nobody can say which months lose their price: the champion's bundle cannot be read ({fault})"
        return
    yield from status_change(bundle, before).told()


def _rolled_back(tracking_uri: str, to: str | None, because: str) -> tuple[Registered, Registered]:
    serving, every = champion(tracking_uri), versions(tracking_uri)
    if serving is None:
        msg = "No version serves, so none can be taken out of service. Run `fairprice retrain`."
        raise MissingModelError(msg)
    target = _named(every, to, "--to") if to else _before(tracking_uri, serving, every)
    if target.version == serving.version:
        raise InputError(Fault("--to", target.version, "another version than the one that serves"))
    _check_whole(tracking_uri, target)
    mark(tracking_uri, serving.version, {ROLLED_BACK: because, ROLLED_BACK_BY: user()})
    _put_in_service(tracking_uri, target, f"rollback: {because}")
    return serving, target


def _put_in_service(tracking_uri: str, version: Registered, because: str) -> Registered | None:
    """Let a version serve, with marks that say so, and return the one it replaces; its alias is set last."""
    unmark(tracking_uri, version.version, [name for name in WITHDRAWN if name in version.tags])
    said = {"serves_from_here": "true"}
    if version.tags.get("gate") == REFUSED:
        said |= {"promoted_anyway": because, "promoted_anyway_by": user()}
    mark(tracking_uri, version.version, said)
    beside = under(tracking_uri, CHALLENGER)
    if beside is not None and beside.version == version.version:
        end_challenge(tracking_uri)
    return promote(tracking_uri, version.version, user(), because)


def _before(tracking_uri: str, serving: Registered, every: Sequence[Registered]) -> Registered:
    fit_to_serve = {one.version: one for one in every if not one.tags.get(ROLLED_BACK)}
    for version in reversed(promoted(tracking_uri)):
        if version != serving.version and version in fit_to_serve:
            return fit_to_serve[version]
    others = [one.version for one in every if one.version != serving.version]
    if not others:
        msg = (
            f"Version {serving.version} serves and is the only one: there is none to go back to. "
            "`fairprice retrain` makes another."
        )
        raise MissingModelError(msg)
    allowed = "a version that served before; none is on record. Name one of " + ", ".join(others)
    raise InputError(Fault("--to", "nothing", allowed))


def _named(every: Sequence[Registered], version: str, option: str) -> Registered:
    for one in every:
        if one.version == version:
            return one
    names = [one.version for one in every]
    near = difflib.get_close_matches(version, names, n=1)
    allowed = f"a registered version: {', '.join(names)}" if names else "a registered version; there is none yet"
    raise InputError(Fault(option, version, allowed, near[0] if near else None))


def _check_reason(because: str) -> None:
    if not because.strip():
        raise InputError(Fault("--because", repr(because), "a reason in words; it is kept on the record"))


def _check_whole(tracking_uri: str, version: Registered) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        bundle_of(tracking_uri, version, Path(scratch))
