"""The page of a contract that was settled: what is due, payoff, payments by period and year, what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pricing.contracts.settlement_table import TRUE_UPS
from pricing.contracts.terms.contract import Contract
from serving.contracts.page.charts import Axes, Chart
from serving.contracts.page.content import MOST_ROWS, Page, Tile, YearTable, foot, heading, remarks, terms_in_words
from serving.contracts.page.money import MILLION, MOST_NAME, clipped, millions, usd
from serving.contracts.page.payoff import payoff_chart
from serving.contracts.settlements.words import counted, unit_of_goods
from serving.terminal import NONE, Answer

BAR_SHARE, WIDEST_BAR = 0.62, 30.0  # of the room a period has; of the drawing
MOST_CLAUSES = 4  # with a column of their own: those that pay most
YEARS_NOTE = "USD million, positive: buyer pays seller; net of all, by the calendar year of delivery."


def settled_page(answer: Answer, contracts: Sequence[Contract]) -> Page:
    """Return the page of a settlement."""
    title, parties, days = heading(contracts)
    table = _years(answer)
    day = answer["as_of"] or answer["settled_through"]
    return Page(
        kind="Contract settled",
        title=title,
        parties=parties,
        days=days,
        day=day,
        tiles=tuple(_tiles(answer)),
        payoff=payoff_chart(contracts[0]),
        chart=_payments(answer),
        table=table,
        words=terms_in_words(contracts, len(table.rows)),
        remarks=remarks(answer, [*_rests_on(answer)], len(table.rows)),
        foot=foot(answer, answer["settlement_id"], day),
    )


def _tiles(answer: Answer) -> Iterator[Tile]:
    totals = answer["totals"]
    yield Tile("Due in all", f"{usd(abs(totals['usd']))} USD", totals["who_pays"])
    yield Tile(
        "Settled through",
        answer["settled_through"],
        f"{len(answer['periods'])} period{'s' if len(answer['periods']) > 1 else ''}",
    )
    yield Tile("Goods priced", f"{totals['tonnes']:,.1f} t", "of the periods settled")
    net = totals["net_usd_per_kg"]
    if net is not None:
        yield Tile("Net price of goods", f"{net:,.2f} {unit_of_goods(answer)}", "all payments over all kilograms")
    else:
        last = answer["periods"][-1]
        yield Tile(f"Due in {last['period']}", f"{usd(abs(last['usd']))} USD", last["who_pays"])


def _payments(answer: Answer) -> Chart:
    rows = answer["periods"]
    xs = [float(place) for place in range(len(rows))]
    paid = [row["usd"] / MILLION for row in rows]
    axes = Axes.over([-0.5, len(rows) - 0.5], paid)
    width = min(WIDEST_BAR, BAR_SHARE * (axes.x(1.0) - axes.x(0.0)))
    return Chart(
        title="Payments by period, USD million",
        x_name="",
        y_name="",
        x_ticks=axes.x_labels(xs, [row["period"] for row in rows]),
        y_ticks=axes.y_ticks(),
        zero=axes.zero,
        bars=axes.bars(xs, paid, width),
    )


def _years(answer: Answer) -> YearTable:
    """Return the payments by calendar year and clause, the smallest clauses and the last years taken together."""
    amounts = answer["totals"]["by_clause_usd"]
    by_size = sorted(amounts, key=lambda name: -abs(amounts[name]))
    others = by_size[MOST_CLAUSES:]
    clauses = [name for name in amounts if name not in others]
    by_year = _paid_by_year(answer)
    totals = answer["totals"]["by_year_usd"]
    rows = [
        (
            year,
            millions(usd),
            *(_of(by_year.get(year, {}), clause) for clause in clauses),
            *([millions(sum(by_year.get(year, {}).get(clause, 0.0) for clause in others))] if others else []),
        )
        for year, usd in totals.items()
    ]
    if len(rows) > MOST_ROWS:
        later = list(totals.items())[MOST_ROWS - 1 :]
        together = millions(sum(usd for _, usd in later))
        rows = [*rows[: MOST_ROWS - 1], (f"{later[0][0]} on", together, *("",) * (len(rows[0]) - 2))]
    rest = [counted(len(others), "other")] if others else []
    heads = ("year", "net", *(clipped(name, MOST_NAME) for name in clauses), *rest)
    return YearTable("Payments by calendar year", heads, tuple(rows), YEARS_NOTE)


def _paid_by_year(answer: Answer) -> dict[str, dict[str, float]]:
    """Return what was paid (USD) by calendar year and clause, yearly reckonings and true-ups beside the clauses."""
    paid = [(one["last_day"][:4], leg["clause"], leg["usd"]) for one in answer["periods"] for leg in one["legs"]]
    paid += [(str(one["year"]), one["kind"], one["usd"]) for one in answer["years"]]
    paid += [(one["period"].partition("-")[0], TRUE_UPS, one["usd"]) for one in answer["true_ups"]]
    by_year: dict[str, dict[str, float]] = {}
    for year, name, amount in paid:
        mine = by_year.setdefault(year, {})
        mine[name] = mine.get(name, 0.0) + amount
    return by_year


def _of(paid: dict[str, float], clause: str) -> str:
    return millions(paid[clause]) if clause in paid else NONE


def _rests_on(answer: Answer) -> Iterator[str]:
    for one in answer["indices"]:
        span = f", {one['first']} to {one['last']}" if one["first"] else ""
        yield f"Index {one['index']}: {one['basis']}; {one['source']}; {counted(one['fixings'], 'fixing')}{span}."
    yield from (f"{name.replace('_', ' ').capitalize()}: {text}." for name, text in answer["rules"].items())
