"""From USD per kg of oxide to what a caller asked for."""

from __future__ import annotations

from dataclasses import dataclass

from pricing.materials import Form
from pricing.price import Basis, FxRate, MetalRatio, Place, Price, from_usd, oxide_to_metal, per
from serving.questions import PriceRequest


@dataclass(frozen=True, slots=True)
class Conversion:
    """From USD/kg oxide to what the caller asked for: one factor, and the named steps behind it."""

    factor: float
    basis: Basis
    steps: tuple[str, ...]

    @classmethod
    def of(cls, request: PriceRequest, fx: FxRate | None) -> Conversion:
        """Return the conversion of a request; `fx` is the priced month's rate."""
        price = Price(1.0, Basis(request.material))
        if request.form is Form.METAL:
            price = oxide_to_metal(price, MetalRatio.stoichiometric(request.material))
        if fx is not None:
            price = from_usd(price, fx)
        if request.unit is not price.basis.unit:
            price = per(price, request.unit)
        return cls(price.amount, price.basis, price.steps)

    def basis_at(self, place: Place) -> str:
        """Return the answer's basis in words, at a place."""
        b = self.basis
        return f"{b.currency}/{b.unit} {b.material} {b.form}, {place}, ex VAT, nominal"
