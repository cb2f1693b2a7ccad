import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.dataset import Dataset
from features.expert import FOLDER
from features.incentive import incentive_table
from pricing.costs.incentive import IncentiveCurve, incentive_curve, project_names
from pricing.costs.model import CostModel
from pricing.costs.normal_value import Variant, normal_value
from pricing.errors import ThinDataError
from pricing.materials import Material

from .conftest import flat

TABLE_COLUMNS = [
    "month", "tonnes_ndpr", "price", "low", "high", "heavy_credit_at_fair", "heavy_credit_zero", "marginal_project",
]  # fmt: skip


def three_projects() -> IncentiveCurve:
    """Cheap 5 kt at 60 (of which a heavy credit of 30), middling 4 kt at 80, dear 2 kt at 130; one month."""
    price, credit = np.array([[60.0], [130.0], [80.0]]), np.array([[30.0], [0.0], [5.0]])
    return IncentiveCurve(
        ("cheap", "dear", "middling"), np.array([5e3, 2e3, 4e3]), price, credit, price - 10, price + 20
    )


@pytest.mark.parametrize(("tonnes", "price"), [(1, 60), (5000, 60), (5001, 80), (9000, 80), (9001, 130), (11000, 130)])
def test_the_project_that_completes_a_supply_sets_its_price(tonnes: float, price: float) -> None:
    assert three_projects().at(tonnes).tolist() == [price]


def test_without_a_heavy_credit_projects_change_places() -> None:
    """60 + 30 = 90 now stands behind 80 + 5 = 85."""
    bare = three_projects().without_heavy_credit()
    assert (bare.at(4000)[0], bare.at(5000)[0], bare.at(5000, "low")[0]) == (85.0, 90.0, 80.0)


@pytest.mark.parametrize("tonnes", [0, -5, 11001, float("nan")])
def test_a_supply_beyond_the_projects_is_refused(tonnes: float) -> None:
    with pytest.raises(ThinDataError, match="11000 t"):
        three_projects().at(tonnes)


@given(first=st.floats(1, 11000), second=st.floats(1, 11000))
def test_more_supply_never_needs_a_lower_price(first: float, second: float) -> None:
    less, more = sorted((first, second))
    assert three_projects().at(less)[0] <= three_projects().at(more)[0]


@pytest.fixture(scope="module")
def curve(model: CostModel) -> IncentiveCurve:
    return incentive_curve(model, flat(model))


def test_every_project_has_a_price_inside_its_band(model: CostModel, curve: IncentiveCurve) -> None:
    assert curve.names == project_names(model)
    assert (curve.low < curve.price).all()
    assert (curve.price < curve.high).all()


def test_a_higher_required_return_raises_every_step(model: CostModel, curve: IncentiveCurve) -> None:
    dear = incentive_curve(model.with_values({"required_return.base_nominal": 0.12}), flat(model))
    assert (dear.price > curve.price).all()


def test_the_heavy_credit_is_the_basket_at_the_given_values(model: CostModel, curve: IncentiveCurve) -> None:
    nil = incentive_curve(model, flat(model), {Material.DY: np.zeros(2), Material.TB: np.zeros(2)})
    assert nil.price == pytest.approx(curve.without_heavy_credit().price)
    assert not nil.heavy_credit.any()


def test_nolans_as_a_project_is_nolans_as_a_route(model: CostModel, curve: IncentiveCurve) -> None:
    route = model.route("nolans")
    prices = model.factor_prices(flat(model))
    stack = normal_value(route, prices, Variant.UNDISTORTED, model.support(), model.by_product_values())
    assert curve.price[curve.names.index("nolans")] == pytest.approx(stack.total / route.basket[Material.NDPR])


def test_the_table_names_a_project_for_each_month_and_supply(dataset: Dataset) -> None:
    months = ["2015-06", "2024-06"]
    table = incentive_table(dataset, months, "as_known")
    assert list(table.columns) == TABLE_COLUMNS
    assert list(zip(table["month"], table["tonnes_ndpr"], strict=True)) == [
        (month, tonnes) for tonnes in (10000.0, 15000.0, 20000.0) for month in months
    ]
    assert (table["low"] < table["price"]).all()
    assert (table["price"] < table["high"]).all()
    assert (table["heavy_credit_zero"] >= table["price"]).all()


def test_the_readme_prints_the_curve_of_february_2026(dataset: Dataset) -> None:
    printed = (FOLDER / "costs" / "README.md").read_text(encoding="utf-8").splitlines()
    for row in incentive_table(dataset, ["2026-02"], "as_known").to_dict("records"):
        numbers = [f"{row[c]:.0f}" for c in TABLE_COLUMNS[1:7]]
        assert f"| {' | '.join(numbers)} | {row['marginal_project']} |" in printed
