"""The page of a contract that was valued: values with their errors, payoff, fan of payments, years, assumptions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pricing.contracts.terms.contract import Contract
from serving.contracts.page.charts import Axes, Chart
from serving.contracts.page.content import MOST_ROWS, Page, Tile, YearTable, foot, heading, remarks, terms_in_words
from serving.contracts.page.money import MILLION, MOST_NAME, clipped, millions, percent, rate, usd
from serving.contracts.page.payoff import payoff_chart
from serving.terminal import Answer

MOST_PERIODS = 60  # of the fan; longer contracts are drawn by year
MOST_LEGS = 3  # with a column of their own: those that pay most
SIDES = ("Seller: ", "Buyer: ")  # how an assumption about a side begins
QUANTILES = ("p5", "p10", "p50", "p90", "p95")
YEARS_NOTE = (
    "USD million, positive to the seller, as contracted; quantiles over paths do not add up. Pays: on how many paths."
)


def valued_page(answer: Answer, contracts: Sequence[Contract], seal: str) -> Page:
    """Return the page of a valuation."""
    title, parties, days = heading(contracts)
    table = _years(answer)
    return Page(
        kind="Contract valued",
        title=title,
        parties=parties,
        days=days,
        day=answer["as_of"],
        tiles=tuple(_tiles(answer)),
        payoff=payoff_chart(contracts[0]),
        chart=_fan(answer),
        table=table,
        words=terms_in_words(contracts, len(table.rows)),
        remarks=remarks(answer, list(dict.fromkeys([*_paths(answer), *answer["assumptions"]])), len(table.rows)),
        foot=foot(answer, seal, answer["as_of"]),
    )


def _tiles(answer: Answer) -> Iterator[Tile]:
    yield Tile("Expected payments", f"{usd(answer['total_usd'])} USD", "to the seller, undiscounted, as contracted")
    for side in answer["values"]:
        error = f"standard error {usd(side['standard_error_usd'])}; at {rate(side['discount_rate'])} a year"
        yield Tile(f"Worth to the {side['side']}", f"{usd(side['value_usd'])} USD", error)
    bound = _bound(answer)
    if bound is not None:
        yield Tile(
            f"P({clipped(bound['name'], MOST_NAME)} binds)",
            percent(bound["binding_probability"]),
            "mean over all tonnes",
        )


def _bound(answer: Answer) -> Answer | None:
    """Return the leg whose binding is asked for first: a floor, else any that may bind."""
    legs = [leg for leg in answer["legs"] if leg["binding_probability"] is not None]
    return next((leg for leg in legs if leg["side"] == "below"), legs[0] if legs else None)


def _fan(answer: Answer) -> Chart:
    """Return the net payment with its quantiles, by period or, for long contracts, by year."""
    by_period = len(answer["periods"]) <= MOST_PERIODS
    rows = answer["periods"] if by_period else answer["years"]
    names = [str(row["period"] if by_period else row["year"]) for row in rows]
    xs = [float(place) for place in range(len(rows))]
    net = {name: [row["net_usd"][name] / MILLION for row in rows] for name in ("mean", *QUANTILES)}
    axes = Axes.over(xs, [value for one in net.values() for value in one])
    return Chart(
        title=f"Payments by {'period' if by_period else 'year'}, USD million to the seller",
        x_name="",
        y_name="",
        x_ticks=axes.x_labels(xs, names),
        y_ticks=axes.y_ticks(),
        zero=axes.zero,
        areas=(
            axes.area(xs, net["p5"], net["p95"], "outer", "P5 to P95"),
            axes.area(xs, net["p10"], net["p90"], "inner", "P10 to P90"),
        ),
        lines=(axes.line(xs, net["p50"], "median", "P50"), axes.line(xs, net["mean"], "mean", "mean")),
    )


def _years(answer: Answer) -> YearTable:
    binding = [leg for leg in answer["legs"] if leg["binding_probability"] is not None]
    legs = [leg["name"] for leg in sorted(binding, key=lambda leg: -abs(leg["mean_usd"]))[:MOST_LEGS]]
    rows = [_year(row, legs) for row in answer["years"]]
    if len(rows) > MOST_ROWS:
        later = answer["years"][MOST_ROWS - 1 :]
        mean = sum(row["net_usd"]["mean"] for row in later)
        blank = ("",) * (len(QUANTILES) + len(legs))
        rows = [*rows[: MOST_ROWS - 1], (f"{later[0]['year']} on", millions(mean), *blank)]
    heads = (
        "year",
        "mean",
        *(name.upper() for name in QUANTILES),
        *(f"{clipped(name, MOST_NAME)} pays" for name in legs),
    )
    return YearTable("Payments by calendar year", heads, tuple(rows), YEARS_NOTE)


def _year(row: Answer, legs: list[str]) -> tuple[str, ...]:
    net = row["net_usd"]
    chances = (percent(row["paying_probability"].get(name)) for name in legs)
    return (str(row["year"]), *(millions(net[name]) for name in ("mean", *QUANTILES)), *chances)


def _numbers(answer: Answer) -> Iterator[str]:
    """Yield what moves a value and is stated by nobody else: both sides' credit, and the numbers of the paths."""
    yield from (words for words in answer["assumptions"] if words.startswith(SIDES))
    if answer["parameters"]:
        told = ", ".join(f"{one['name'].replace('_', ' ')} {one['value']:g}" for one in answer["parameters"])
        yield f"Numbers of the paths: {told}."


def _paths(answer: Answer) -> Iterator[str]:
    used = answer["outlook"]
    yield from _numbers(answer)
    seed = "" if used["seed"] is None else f", seed {used['seed']}"
    yield f"Outlook {used['kind']}: {used['paths']:,} paths{seed}, {used['first_month']} to {used['last_month']}."
    for deck in answer["decks"]:
        prices = list(deck["usd_per_kg"].values())
        if prices:
            span = f"{min(prices):,.2f} to {max(prices):,.2f}"
            yield f"Deck of {deck['reference']}: {span} {deck['basis']}; {deck['source']}."
    for material in answer["fair_price"]:
        yield f"The fair price of {material} is the same with the contract and without it."
