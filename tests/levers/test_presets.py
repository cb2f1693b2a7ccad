"""The named presets: each reads as it stands and says what is assumed."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from features.levers import load_levers, load_new_uses, load_presets
from pricing.errors import InputError
from pricing.levers import Lever, Through, read_overrides

# February 2026, as the market history and the cost model have it; 1 for what is counted in ratios.
STANDS = {
    "licence_severity.Dy": 756.5,
    "licence_severity.Tb": 3116.3,
    "fx.cny": 1 / 6.9064,
    "wages.united_states": 42.09,
}
MONTHS = ("2026-03", "2036-02")


def baseline(lever: Lever) -> float:
    if lever.stated is not None:
        return lever.stated
    ratio = lever.through in (Through.RATIO, Through.USE)
    return 1.0 if ratio else STANDS.get(lever.name, 0.0)


@pytest.fixture(scope="module")
def baselines() -> Mapping[str, float]:
    return {name: baseline(lever) for name, lever in load_levers().rows.items()}


@pytest.mark.parametrize("name", load_presets())
def test_every_preset_reads_as_it_stands_and_within_the_evidence(name: str, baselines: Mapping[str, float]) -> None:
    preset = load_presets()[name]
    found = read_overrides(list(preset.overrides), load_levers(), baselines, MONTHS)
    assert len(found) == len(preset.overrides)
    assert all(override.lever.within(override.value, override.baseline) for override in found)
    assert all(override.value != override.baseline for override in found if override.lever.through != Through.KG)


def test_the_twelve_events_that_were_asked_for_are_there() -> None:
    assert set(load_presets()) == {
        *("licences_tightened", "myanmar_feed_cut", "quotas_raised", "april_2025_rules", "october_2025_rules"),
        *("tariffs_145_125", "tariff_truce", "us_wages_up", "yuan_up", "cheaper_separation"),
        *("ferrite_and_heavy_free", "humanoid_wave"),
    }


def test_tightening_is_severer_than_february_2026_and_the_first_bite_was_not() -> None:
    presets = load_presets()
    for row in presets["licences_tightened"].overrides:
        assert float(row["set"]) > STANDS[str(row["lever"])]
    for row in presets["april_2025_rules"].overrides:
        assert float(row["set"]) < STANDS[str(row["lever"])]


def test_the_wave_is_four_thousand_nine_hundred_tonnes_of_magnet_of_which_fifty_three_stand() -> None:
    units, kg = (float(row["set"]) for row in load_presets()["humanoid_wave"].overrides)
    today = load_new_uses()["robots"]
    assert units * kg / 1000 == pytest.approx(4900)
    assert today.units * today.kg / 1000 == pytest.approx(52.5)


def test_a_stronger_yuan_buys_more_dollars(baselines: Mapping[str, float]) -> None:
    (yuan,) = read_overrides(list(load_presets()["yuan_up"].overrides), load_levers(), baselines, MONTHS)
    assert 1 / yuan.value == pytest.approx(6.9064 / 1.05)


def test_wages_misspelt_are_still_wages(baselines: Mapping[str, float]) -> None:
    with pytest.raises(InputError, match=r"Did you mean wages\.all"):
        read_overrides([{"lever": "labor_cst", "scale": 1.1}], load_levers(), baselines, MONTHS)
