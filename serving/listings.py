"""What there is to ask about: materials, published models, evidence."""

from __future__ import annotations

from collections.abc import Iterable

from pricing.materials import Form, Material, oxide_per_metal_kg
from pricing.price import Unit
from serving.book import Book, MonthRow
from serving.floor_questions import OWN_INDEX
from serving.model_schemas import ModelsAnswer, ModelVersionOut, SpanOut
from serving.model_store import ModelEntry
from serving.price_answer import model_out
from serving.readiness import away_out, refused_out
from serving.rounding import rounded
from serving.schemas import EvidenceAnswer, EvidenceRow, MaterialOut, MaterialsAnswer
from serving.watched import Watched

RATIO_DIGITS = 6
UNWATCHED = Watched()


def materials_answer(book: Book) -> MaterialsAnswer:
    """Return the materials with the days they can be priced for."""
    found = tuple(_material(book, material) for material in book.materials)
    return MaterialsAnswer(found, tuple(Unit), book.currencies)


def models_answer(book: Book, entries: Iterable[ModelEntry], known: Watched = UNWATCHED) -> ModelsAnswer:
    """Return the serving model, its card, the versions beside it, and why the champion is another one where it is."""
    bundle = book.model.bundle
    return ModelsAnswer(
        serving=model_out(book.model),
        dataset=bundle.dataset_digest,
        last_day=bundle.last_day.isoformat(),
        first_month=bundle.first_month,
        last_month=bundle.last_month,
        draws=bundle.draws,
        seed=bundle.seed,
        versions=tuple(_version(entry, book.model.version) for entry in entries),
        refused=refused_out(known.refused),
        away=away_out(known.away),
        model_card=bundle.model_card,
    )


def _version(entry: ModelEntry, serving: str) -> ModelVersionOut:
    return ModelVersionOut(
        version=entry.version,
        bundle=entry.digest,
        champion=entry.champion,
        serving=entry.version == serving,
        served=tuple(SpanOut(span.since, span.until, span.by, span.because, span.withdrawn) for span in entry.spans),
        gate=entry.gate,
        against=entry.against,
        promoted_anyway=entry.promoted_anyway,
    )


def evidence_answer(book: Book, material: Material) -> EvidenceAnswer:
    """Return the shares of each input that were observed, derived or set by a prior, per year."""
    rows = (MonthRow("", book.last_day, row) for row in book.evidence.get(material, []))
    return EvidenceAnswer(
        material=material,
        unit="share of the year's months, 0 to 1",
        rows=tuple(
            EvidenceRow(
                year=int(row.number("year") or 0),
                column=row.text("column"),
                observed=rounded(row.number("observed")),
                derived=rounded(row.number("derived")),
                prior=rounded(row.number("prior")),
            )
            for row in rows
        ),
        model=model_out(book.model),
    )


def _material(book: Book, material: Material) -> MaterialOut:
    first, last = book.months(material)
    return MaterialOut(
        material=material,
        first_day=book.first_day(material).isoformat(),
        last_day=book.last_day.isoformat(),
        first_month=first,
        last_month=last,
        forms=tuple(Form),
        oxide_per_metal=round(oxide_per_metal_kg(material), RATIO_DIGITS),
        references=(*book.reference_names(material), OWN_INDEX),
    )
