"""The rules of settlement in words, for whoever reads an answer."""

from __future__ import annotations

from pricing.contracts.periods import PRO_RATA_RULE

RULES = {
    "order": (
        "index, VAT and FX, average, metal, indexed strikes, floor and cap, share, volume, annual money cap; "
        "a positive amount is paid by the buyer to the seller"
    ),
    "average": "the mean of the fixings or months that the reference's rule names, rounded only where the rule says so",
    "missing_fixing": (
        "refused unless the contract names a fallback that is due or the facts give a deck; no price is carried forward"
    ),
    "volume": PRO_RATA_RULE,
    "part_of_a_period": (
        "a clause in force for part of a period applies to that part of its tonnes, by days of each month, at the "
        "reference of the whole period"
    ),
    "tolerance": "tonnes above the tolerance of a calendar year fall outside the contract, the latest first",
    "stops": (
        "in a period with a stop, differences go on over the contracted tonnes unless the contract suspends them; "
        "tonnes stated by period are taken as what was delivered; cover is paid above the price of the stopped goods"
    ),
    "annual_cap": (
        "the amounts of a calendar year are paid in order of time until the cap is reached; a cap that scales does so "
        "with the months its clause is in force"
    ),
    "escalation": (
        "by the contract year of a period's first day; a yearly guarantee is split by months at the anniversary"
    ),
    "most_favoured": "a level resets from the first period that starts after the notice",
    "review": (
        "the level is held against the reference of the last period that ended before the day of review; one after the "
        "last settled day is not held"
    ),
    "rounding": (
        "each leg is rounded half up to the cent before its annual cap; totals add the rounded legs; prices leave "
        "rounded half up to the cent, unrounded ones with ten decimals"
    ),
}
