"""The ladder of stages: ore or concentrate, mixed carbonate, oxide, metal, alloy, magnet.

Every amount is USD per kg of the stage, the carbonate's per kg of the rare-earth oxides in it (TREO), all on one tax
basis. A step is linear in the price of the stage below, so that the way down undoes the way up. Decimals carry 28
digits and nothing is rounded here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from pricing.errors import Fault, TermsError

ZERO, ONE = Decimal(0), Decimal(1)


class Stage(StrEnum):
    """What is traded, from the mine to the motor."""

    CONCENTRATE = "concentrate"  # or ore: whatever enters cracking
    CARBONATE = "carbonate"
    OXIDE = "oxide"
    METAL = "metal"
    ALLOY = "alloy"
    MAGNET = "magnet"


STAGES = tuple(Stage)
MADE_BY = {
    Stage.CARBONATE: "cracking",
    Stage.OXIDE: "separation",
    Stage.METAL: "reduction",
    Stage.ALLOY: "alloying",
    Stage.MAGNET: "magnet_making",
}


def below(stage: Stage) -> Stage:
    """Return the stage that a stage is made of; a concentrate is made of nothing we price."""
    return STAGES[STAGES.index(stage) - 1]


@dataclass(frozen=True, slots=True)
class Other:
    """Something else that goes in, or comes out beside: kg per kg (of the output; of TREO in a carbonate), USD/kg."""

    name: str
    kg: Decimal
    usd_per_kg: Decimal

    def __post_init__(self) -> None:
        _check({f"{self.name}.kg": self.kg, f"{self.name}.usd_per_kg": self.usd_per_kg})

    @property
    def usd(self) -> Decimal:
        """Return what it is worth in a kg."""
        return self.kg * self.usd_per_kg


@dataclass(frozen=True, slots=True)
class Conversion:
    """One stage made of the one below: kg in per kg out before losses, the share recovered, a toll in USD per kg out.

    >>> Conversion(Decimal("1.20"), toll=Decimal(12)).up(Decimal(110))
    Decimal('144.00')
    """

    kg_in: Decimal
    recovery: Decimal = ONE
    toll: Decimal = ZERO
    others: tuple[Other, ...] = ()

    def __post_init__(self) -> None:
        _check({"kg_in": self.kg_in, "recovery": self.recovery, "toll": self.toll})

    @property
    def slope(self) -> Decimal:
        """Return the kg of the stage below that a kg of this one takes, losses counted."""
        return self.kg_in / self.recovery

    @property
    def added(self) -> Decimal:
        """Return what the step adds in USD per kg out: the other inputs and the toll."""
        return sum((other.usd for other in self.others), ZERO) + self.toll

    def up(self, price: Decimal) -> Decimal:
        """Return the price above, from the price of the stage below."""
        return price * self.kg_in / self.recovery + self.added

    def down(self, price: Decimal) -> Decimal:
        """Return what a price leaves for the stage below."""
        return (price - self.added) * self.recovery / self.kg_in


@dataclass(frozen=True, slots=True)
class Separation:
    """Oxides out of a mixed carbonate: `share` is kg of the oxide priced per kg TREO, `others` the oxides beside it.

    The carbonate fetches payable x recovery x basket - toll, each in USD per kg TREO; the basket is the sum of shares
    times oxide prices.

    >>> dy, tb = Other("Dy", Decimal("0.005"), Decimal(300)), Other("Tb", Decimal("0.0008"), Decimal(1000))
    >>> step = Separation(Decimal("0.22"), Decimal("0.70"), others=(dy, tb))
    >>> step.basket(Decimal(95)), step.down(Decimal(95))
    (Decimal('23.2000'), Decimal('16.240000'))
    """

    share: Decimal
    payable: Decimal
    recovery: Decimal = ONE
    toll: Decimal = ZERO
    others: tuple[Other, ...] = ()

    def __post_init__(self) -> None:
        whole = self.share + sum((other.kg for other in self.others), ZERO)
        stated = {"share": self.share, "payable": self.payable, "recovery": self.recovery, "toll": self.toll}
        _check(stated | {"others": whole})

    @property
    def slope(self) -> Decimal:
        """Return the kg TREO whose payment moves with a kg of the oxide."""
        return 1 / (self.share * self.payable * self.recovery)

    @property
    def beside(self) -> Decimal:
        """Return what the other oxides are worth in USD per kg TREO."""
        return sum((other.usd for other in self.others), ZERO)

    def basket(self, price: Decimal) -> Decimal:
        """Return the value of the oxides in a kg TREO at a price of the oxide."""
        return self.share * price + self.beside

    def down(self, price: Decimal) -> Decimal:
        """Return what a kg TREO in carbonate fetches at a price of the oxide."""
        return self.payable * self.recovery * self.basket(price) - self.toll

    def up(self, price: Decimal) -> Decimal:
        """Return the price of the oxide at which a kg TREO in carbonate fetches a price."""
        return ((price + self.toll) / (self.payable * self.recovery) - self.beside) / self.share


Step = Conversion | Separation


@dataclass(frozen=True, slots=True)
class Ladder:
    """Steps by the stage that each one makes; a stage without its step cannot be reached from below, nor left down."""

    steps: Mapping[Stage, Step] = field(default_factory=dict)

    def prices(self, stage: Stage, price: Decimal) -> dict[Stage, Decimal]:
        """Return the price in USD/kg at every stage that can be reached from one stage's price, in order."""
        found = {stage: price}
        for upper in self._up_from(stage):
            found[upper] = self.steps[upper].up(found[below(upper)])
        for upper in self._down_from(stage):
            found[below(upper)] = self.steps[upper].down(found[upper])
        return {one: found[one] for one in STAGES if one in found}

    def slopes(self, stage: Stage) -> dict[Stage, Decimal]:
        """Return what one dollar more at a stage adds at every stage that can be reached, in USD/kg."""
        found = {stage: ONE}
        for upper in self._up_from(stage):
            found[upper] = found[below(upper)] * self.steps[upper].slope
        for upper in self._down_from(stage):
            found[below(upper)] = found[upper] / self.steps[upper].slope
        return {one: found[one] for one in STAGES if one in found}

    def _up_from(self, stage: Stage) -> list[Stage]:
        return _unbroken(self.steps, STAGES[STAGES.index(stage) + 1 :])

    def _down_from(self, stage: Stage) -> list[Stage]:
        return _unbroken(self.steps, STAGES[STAGES.index(stage) : 0 : -1])


def _unbroken(steps: Mapping[Stage, Step], way: tuple[Stage, ...]) -> list[Stage]:
    missing = next((place for place, stage in enumerate(way) if stage not in steps), len(way))
    return list(way[:missing])


_RULES: dict[str, tuple[Callable[[Decimal], bool], str]] = {
    "kg_in": (lambda kg: kg > 0, "kg in per kg out, above 0"),
    "recovery": (lambda share: 0 < share <= 1, "a share above 0 and up to 1"),
    "payable": (lambda share: 0 < share <= 1, "a share above 0 and up to 1"),
    "share": (lambda share: share > 0, "kg of the oxide per kg TREO, above 0"),
    "toll": (lambda usd: usd >= 0, "zero or a positive amount in USD/kg"),
    "others": (lambda whole: whole <= 1, "shares that add up to at most 1 kg per kg TREO"),
    "kg": (lambda kg: kg >= 0, "zero or more kg"),
    "usd_per_kg": (lambda _: True, "a finite price in USD/kg"),  # negative: it costs to be rid of
}


def _check(stated: Mapping[str, Decimal]) -> None:
    """Refuse what is not finite or breaks the rule of its field; every fault at once."""
    faults = []
    for path, value in stated.items():
        holds, allowed = _RULES[path.rpartition(".")[2]]
        if not (value.is_finite() and holds(value)):
            faults.append(Fault(path, str(value), allowed))
    if faults:
        raise TermsError(*faults)
