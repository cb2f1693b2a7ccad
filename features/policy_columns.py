"""Policy as columns of a market history: duties, quotas and licences in force, VAT, tariffs, floors, and support."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from features.banded import Banded
from features.policy import ALL, Vintage, monthly_policy
from pricing.market.history import Evidence, Floats
from pricing.materials import Material

PERCENT = 1e-2


def policy_columns(
    policy: pd.DataFrame, material: Material, months: Sequence[str], vintage: Vintage, us_share: Banded
) -> dict[str, Banded]:
    """Return the policy columns of a material (T,); `us_share` is how much of use outside China pays the US tariff."""

    def ask(instrument: str) -> Floats:
        return in_force(policy, instrument, material, months, vintage)

    floor = ask("us_price_floor")
    refunded = ask("vat_refund_on_export")
    tariff = Banded.sure(PERCENT * ask("us_tariff"), Evidence.OBSERVED)
    observed = {
        "export_tax_rate": PERCENT * ask("export_duty"),
        "export_quota_in_force": ask("export_quota"),
        "export_licence_in_force": ask("export_licence"),
        "vat_not_refunded": PERCENT * np.maximum(ask("vat") - refunded, 0.0),
        "policy_floor": np.where(floor > 0, floor, np.nan),
    }
    columns = {name: Banded.sure(values, Evidence.OBSERVED) for name, values in observed.items()}
    return columns | {"import_tariff": _effective(tariff, us_share)}


def _effective(tariff: Banded, share: Banded) -> Banded:
    """Return the tariff that the average user outside China pays; where none is in force it is nil and observed."""
    paid = tariff.times(share)
    none = Banded.sure(np.zeros(len(tariff.value)), Evidence.OBSERVED)
    return paid.where(tariff.value > 0, none)


def in_force(policy: pd.DataFrame, instrument: str, material: str, months: Sequence[str], vintage: Vintage) -> Floats:
    """Return the value in force on each month's last day (T,), nil where the instrument was not known yet."""
    concerns = policy["material"].isin([material, ALL]) & (policy["instrument"] == instrument)
    if not concerns.any():  # never applied to the material, or not known yet
        return np.zeros(len(months))
    return monthly_policy(policy, instrument, material, months, vintage)
