from __future__ import annotations

from pathlib import Path

from pricing.bundle import Bundle
from training.plots import draw_plots

PNG = b"\x89PNG"


def test_every_material_has_its_plots_and_the_same_bundle_draws_the_same_bytes(bundle: Bundle, tmp_path: Path) -> None:
    first = draw_plots(bundle, tmp_path / "first")
    second = draw_plots(bundle, tmp_path / "second")
    names = {f"{kind}_{material}.png" for kind in ("fair", "wedge") for material in ("NdPr", "Dy", "Tb")}
    assert {path.name for path in first} == names | {"cost_stacks.png", "evidence.png"}
    assert all(path.read_bytes().startswith(PNG) for path in first)
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_a_refused_material_still_draws(bundle: Bundle, tmp_path: Path) -> None:
    numbers = bundle.history_latest.select_dtypes("number").columns
    bundle.history_latest.loc[bundle.history_latest["material"] == "Tb", numbers] = float("nan")
    assert len(draw_plots(bundle, tmp_path)) == 8
