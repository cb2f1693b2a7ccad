"""Twins: the same economy, chance and observation, with more of one distortion."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pricing.market.synthetic.draws import Draws
from pricing.market.synthetic.family import TWINS
from pricing.market.synthetic.setting import Distortions, Setting

Floats = np.ndarray

KINDS = ("", *TWINS)  # an economy and its twins, in order


def twinned(setting: Setting, draws: Draws) -> Setting:
    """Return the setting where of every five economies in a row the last four have more of one distortion each."""
    d, v = setting.distortions, draws.value
    stockpile = d.stockpile * v["twin_stockpile_times"] + v["twin_stockpile_more"]
    return replace(
        setting,
        distortions=Distortions(
            subsidy=_of("more_subsidy", d.subsidy + v["twin_subsidy"], d.subsidy),
            quota=_of("tighter_quota", d.quota * v["twin_quota"], d.quota),
            licence=_of("tighter_licence", d.licence * v["twin_licence"], d.licence),
            stockpile=_of("more_stockpiling", np.minimum(stockpile, v["twin_stockpile_most"]), d.stockpile),
            illegal=d.illegal,
            duty=d.duty,
            vat=d.vat,
            export_quota=d.export_quota,
            panic=d.panic,
        ),
    )


def _of(kind: str, more: Floats, as_is: Floats) -> Floats:
    here = np.arange(as_is.shape[1]) % len(KINDS) == KINDS.index(kind)
    return np.where(here, more, as_is)
