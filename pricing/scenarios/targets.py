"""Targets: what a lever may act on, as dotted names.

    price.COUNTRY.FACTOR         price of a factor, USD per unit (COUNTRY may be `world`)
    series.NAME                  a series that prices follow, such as usd_cny, CNY per USD
    parameter.NAME               an expert number of the cost model
    royalty.COUNTRY              royalty or resource tax, share of revenue
    unpaid.COUNTRY               share of abatement at the ex-China standard that is not spent
    stage.STAGE.REGION           inputs, other costs and plant of one stage; a factor only
    support.SET                  what a support set takes off Chinese cost; a factor only
    duty.M vat.M tariff.M        rates between the regions' prices: export duty, VAT not refunded, import tariff
    import_tariff.IMPORTER.STAGE.ORIGIN
                                 what an importer takes of the value of an oxide, metal or magnet; on oxide from China
                                 its part of the mean `tariff` follows
    quota_rent.M licence_rent.M  what limits on exports add to the outside price, real USD/kg
    export_cut.M                 share of what China would export that it may not
    stockpile.M                  state purchases, t a year
    floor.M                      policy floor of covered plants outside China, real USD/kg
    floor_paid.M                 policy floor whose gap is paid and draws no supply, nominal USD/kg
    quota, illegal               production quota (a factor only); output beyond it, share of the quota
    demand.REGION.M              what physical demand calls for, t a year
    scrap.REGION.M               oxide from scrap, t a year
    capacity.SOURCE              plant that stands, t REO a year
    limit.SOURCE                 what geology and permits allow, t REO a year
    western_credit.SOURCE        what Western states pay a producer, real USD/kg REO

`*` stands for every name at its place. M is a material, REGION china or ex_china, SOURCE a supply source, IMPORTER
united_states or elsewhere, ORIGIN china or others.
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from pricing.errors import DataError

Target = tuple[str, ...]

IMPORT_TARIFF = "import_tariff"
UNITED_STATES, ELSEWHERE = "united_states", "elsewhere"  # importers: elsewhere is every other one outside China
CHINA, OTHERS = "china", "others"
ORIGINS = (CHINA, OTHERS)


def expanded(pattern: str, known: Iterable[Target]) -> tuple[Target, ...]:
    """Return the known targets that a pattern names. DataError where it names none."""
    found = tuple(target for target in known if fnmatchcase(".".join(target), pattern))
    if not found:
        msg = f"Target {pattern}: names nothing that is known here; look at pricing/scenarios/targets.py."
        raise DataError(msg)
    return found
