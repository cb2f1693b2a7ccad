"""What a valuation costs, counted before it is done: so many steps for its paths, legs, references and greeks.

A step is a plain floor's payment in one period on one path: 6 ns of one core. What else is done was timed against it on
120 and 360 months, 4,096 to 65,536 paths and 1 to 30 legs; counts are within a third of the time they take.
"""

from __future__ import annotations

from pricing.contracts.valuation.clause_legs import ClauseLeg
from pricing.contracts.valuation.legs import Leg, Paying
from pricing.contracts.valuation.rules import Average, Rule
from pricing.errors import Fault, TermsError
from serving.contracts.outlook.process import Moving
from serving.contracts.valuations.engine import Engine

MOST_STEPS = 500_000_000  # of one request: three seconds of one core
OF_A_CAP, OF_A_START, OF_A_CLAUSE = 1, 3, 10  # steps of a payment beside, beside, and instead of the plain one
OF_A_NUMBER, MONTHS_A_STEP = 3, 20  # steps of a number of the paths, and one more for so many months and items
OF_ALL_MONTHS = 8  # months and items to the third power are taken apart at so many a step


def steps_of(engine: Engine, moving: Moving | int, months: int, *, with_greeks: bool) -> int:
    """Return the steps of a valuation on paths, or on so many states."""
    items, own = len(engine.places), engine.legs
    dimensions, periods = months * items, len(engine.schedule.fixing_months)
    payments = periods * sum(_of_payment(leg) for leg in own)
    references = dimensions + sum(_read(rule) for rule in engine.schedule.rules)
    risky = isinstance(moving, Moving) and moving.market_price_of_risk != 0
    alone = [leg for leg in own if risky or leg.payer is None]  # valued once more by themselves
    runs = 1 + risky + _bumps(engine) * with_greeks
    by_path = runs * (references + payments) + len(alone) * references + periods * sum(map(_of_payment, alone))
    if not isinstance(moving, Moving):
        return moving * by_path
    paths = moving.sampling.paths
    drawn = dimensions * (OF_A_NUMBER + dimensions // MONTHS_A_STEP)
    draws = 3 if with_greeks else 1  # two more with other volatilities
    return paths * by_path + draws * (paths * drawn + dimensions**3 // OF_ALL_MONTHS)


def check_steps(steps: int) -> None:
    """Return nothing where a request is affordable; TermsError by how much it is not."""
    if steps > MOST_STEPS:
        found = f"{steps:,} steps: paths x periods x legs x valuations, and the paths themselves"
        allowed = f"at most {MOST_STEPS:,}, three seconds of one core; ask for fewer paths, periods, legs or greeks"
        raise TermsError(Fault("budget", found, allowed))


def _bumps(engine: Engine) -> int:
    """Return how often greeks value a contract: as it is, and prices, volatilities, rates and levels up and down."""
    return 1 + 2 * (len(engine.places) + 2 + len(engine.legs))


def _of_payment(leg: Paying) -> int:
    plain = 1 if isinstance(leg, Leg) else OF_A_CLAUSE if isinstance(leg, ClauseLeg) else 0
    capped = OF_A_CAP * (getattr(leg, "annual_cap", None) is not None)
    return plain + capped + OF_A_START * (getattr(leg, "start", None) is not None)


def _read(rule: Rule) -> int:
    """Return how many prices a rule reads on one path."""
    if isinstance(rule, Average):
        return sum(len(fixings) for fixings in rule.fixings)
    return sum(_read(member) for member in rule.of_rules)
