"""What the evidence says about the steps between stages agrees with chemistry and with itself."""

from __future__ import annotations

from decimal import Decimal

import pytest

from features.stages import stage_number, stage_numbers
from pricing.materials import Material, oxide_per_metal_kg
from pricing.stages.ladder import MADE_BY


@pytest.mark.parametrize("material", Material)
def test_metal_takes_the_oxide_that_stoichiometry_says(material: Material) -> None:
    ratio = stage_number("reduction", "kg_in", material, "china")
    assert ratio is not None
    assert ratio.value == round(oxide_per_metal_kg(material), 6)
    assert ratio.low == ratio.value  # chemistry is a floor
    assert ratio.high == pytest.approx(1.03 * ratio.value, abs=2e-6)


def test_the_chinese_toll_is_the_spread_of_october_2025_without_vat() -> None:
    toll = stage_number("reduction", "toll", Material.NDPR, "china")
    assert toll is not None
    spread = (Decimal(630) - Decimal("516.5") * Decimal("1.17")) / Decimal("7.1") / Decimal("1.13")  # CNY/kg incl. VAT
    assert float(round(spread, 1)) == toll.value
    outside = stage_number("reduction", "toll", Material.NDPR, "ex_china")
    assert outside is not None
    assert outside.low > toll.high


@pytest.mark.parametrize(
    ("step", "name", "material"),
    [
        ("cracking", "kg_in", "NdPr"),
        ("separation", "share", "NdPr"),
        ("reduction", "toll", "Dy"),
        ("alloying", "toll", "NdPr"),
        ("alloying", "kg_in", "Tb"),
        ("magnet_making", "toll", "NdPr"),
    ],
)
def test_what_no_source_says_has_no_number(step: str, name: str, material: str) -> None:
    assert stage_number(step, name, Material(material), "ex_china") is None


def test_every_number_belongs_to_a_step_of_the_ladder() -> None:
    assert {name.partition(".")[0] for name in stage_numbers()} <= set(MADE_BY.values())
