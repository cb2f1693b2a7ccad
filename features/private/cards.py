"""The card of a private source: the fields of a shipped card, with `licence: {private: true}` and its series."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from features.catalogue import Card
from features.private.faults import Faults, shown, unsafe
from features.private.strict_yaml import read_mapping

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Line = Annotated[str, Field(min_length=1, max_length=500)]
_STRICT = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class Licence(BaseModel):
    """Under which terms the data are held. `private` must be true: what may be shown to all belongs in a dataset."""

    model_config = _STRICT

    name: Line
    private: Literal[True]


class PrivateCard(BaseModel):
    """One private source, as written in cards/."""

    model_config = _STRICT

    id: Id
    publisher: Line
    licence: Licence
    units: list[Line] = Field(min_length=1, max_length=50)
    basis: Line
    publication_lag_days: list[Annotated[int, Field(ge=0, le=1000)]] = Field(min_length=1, max_length=50)
    quality: Line
    citation: list[Line] = Field(max_length=200)
    series: list[Id] = Field(default=[], max_length=1000)  # series of the panel that this source gives

    def card(self, rows: int) -> Card:
        """Return the card as the catalogue holds it; a checksum is the importer's and stays empty."""
        return Card(
            id=self.id,
            publisher=self.publisher,
            licence=self.licence.model_dump(),
            units=tuple(self.units),
            basis=self.basis,
            publication_lag_days=tuple(self.publication_lag_days),
            quality=self.quality,
            citation=tuple(self.citation),
            rows=rows,
            sha256="",
        )


def read_private_cards(files: Mapping[str, str], faults: Faults) -> dict[str, PrivateCard]:
    """Return the cards by id; a fault for each that is no card of a private source."""
    found: dict[str, PrivateCard] = {}
    for name, text in files.items():
        card = _card(name, text, faults)
        if card is None:
            continue
        if card.id in found:
            faults.note(name, f"a second card of {card.id}", "one card per source")
        found[card.id] = card
    return found


def _card(name: str, text: str, faults: Faults) -> PrivateCard | None:
    before = len(faults.found)
    fields = read_mapping(name, text, faults)
    if len(faults.found) > before:
        return None
    try:
        card = PrivateCard.model_validate(fields)
    except ValidationError as refused:
        for error in refused.errors(include_input=False, include_context=False, include_url=False):
            place = ".".join(shown(part) if isinstance(part, str) else str(part) for part in error["loc"])
            faults.note(f"{name}, {place}", error["msg"], "the fields of a shipped card, and licence.private: true")
        return None
    for text_of in (card.publisher, card.licence.name, card.basis, card.quality, *card.units, *card.citation):
        for why in unsafe(text_of):
            faults.note(name, f"a text is refused: {why}", "plain text")
    return card
