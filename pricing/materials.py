"""The three materials, their forms, and the chemistry between them."""

from __future__ import annotations

from enum import StrEnum


class Material(StrEnum):
    """What is priced. NdPr is the 75:25 mixture by oxide weight that the market trades."""

    NDPR = "NdPr"
    DY = "Dy"
    TB = "Tb"


class Form(StrEnum):
    """What one kilogram is of."""

    OXIDE = "oxide"
    METAL = "metal"


# kg of oxide that contain one kg of metal, from IUPAC standard atomic weights (2021):
# Nd 144.242, Pr 140.908, Dy 162.500, Tb 158.925, O 15.999.
# Nd2O3, Dy2O3; praseodymium and terbium trade as Pr6O11 and Tb4O7.
_OXYGEN = 15.999
_ND, _PR, _DY, _TB = 144.242, 140.908, 162.500, 158.925
_PR_SHARE_OF_OXIDE = 0.25


def _ndpr_ratio() -> float:
    nd_metal = (1 - _PR_SHARE_OF_OXIDE) * 2 * _ND / (2 * _ND + 3 * _OXYGEN)
    pr_metal = _PR_SHARE_OF_OXIDE * 6 * _PR / (6 * _PR + 11 * _OXYGEN)
    return 1 / (nd_metal + pr_metal)


_RATIO = {
    Material.NDPR: _ndpr_ratio(),
    Material.DY: (2 * _DY + 3 * _OXYGEN) / (2 * _DY),
    Material.TB: (4 * _TB + 7 * _OXYGEN) / (4 * _TB),
}


def oxide_per_metal_kg(material: Material, recovery: float = 1.0) -> float:
    """Return kg of oxide spent per kg of metal, by stoichiometry over the plant's recovery.

    >>> round(oxide_per_metal_kg(Material.NDPR), 4)
    1.1765
    """
    return _RATIO[material] / recovery
