"""The FastAPI app, made from a store of models and a clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from anyio import CapacityLimiter
from fastapi import FastAPI

from pricing.contracts.terms.basis import BasisQuestion
from serving.champion_watch import ChampionWatch
from serving.contracts.schema.components import document_terms
from serving.contracts.settlements.documentation import DOCUMENTED
from serving.contracts.valuations.documentation import DOCUMENTED_VALUES
from serving.documentation import ABOUT, TITLE
from serving.error_responses import add_error_responses
from serving.in_use import TakeOnce
from serving.middleware import BodyLimit, HeadAsGet, SafeHeaders
from serving.model_store import ModelStore
from serving.release import release
from serving.rights import GUARDED_HEADERS, Access, Office
from serving.routes import (
    answers,
    contract_basis,
    contract_templates,
    contract_values,
    contracts,
    explanations,
    forecasts,
    leaks,
    process,
    publications,
    scenarios,
    scoreboard,
    stages,
)
from serving.scenarios.kept import Answers
from serving.warm_answers import WarmAnswers
from serving.watched import Watch

EVERYONE_ALIKE = Access()
UNWATCHED = Watch()
READ_AT_ONCE = 1  # records of what was published: each may read many old bundles
SOLVED_AT_ONCE = 1  # scenarios: what they wait for is the processor, which price queries need too


def create_app(
    store: ModelStore,
    today: Callable[[], date] = date.today,
    access: Access = EVERYONE_ALIKE,
    kept: Answers | None = None,
    watch: Watch = UNWATCHED,
) -> FastAPI:
    """Return the service. Loads the champion: BundleError when it is damaged; without one, answers are 503.

    `access` says who sees private data that a fit holds; without readers every caller has the same answers.
    `kept` is where answers of scenarios are kept, by default in memory. `watch` says how to look for another champion;
    without a cadence the first one serves to the end.
    """
    champion = ChampionWatch(Office.over(store, today, access, kept), watch)
    app = FastAPI(
        title=TITLE,
        description=ABOUT,
        version=release(),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
        lifespan=champion.while_serving,
    )
    app.state.watch = champion
    app.state.solving = CapacityLimiter(SOLVED_AT_ONCE)
    app.state.reading = CapacityLimiter(READ_AT_ONCE)
    app.include_router(answers.router, tags=["answers"])
    app.include_router(explanations.router, tags=["answers"])
    app.include_router(forecasts.router, tags=["answers"])
    app.include_router(publications.router, tags=["answers"])
    app.include_router(leaks.router, tags=["answers"])
    app.include_router(scoreboard.router, tags=["answers"])
    app.include_router(scenarios.router, tags=["scenarios"])
    app.include_router(stages.router, tags=["answers"])
    app.include_router(contracts.router, tags=["contracts"])
    app.include_router(contract_basis.router, tags=["contracts"])
    app.include_router(contract_templates.router, tags=["contracts"])
    app.include_router(contract_values.router, tags=["contracts"])
    app.include_router(process.router, tags=["process"])
    document_terms(app, (*DOCUMENTED, *DOCUMENTED_VALUES, BasisQuestion))
    add_error_responses(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(SafeHeaders, more=GUARDED_HEADERS if champion.in_use.now.desks.guarded else {})
    app.add_middleware(WarmAnswers, today=today)  # what it keeps has passed those above
    app.add_middleware(HeadAsGet)
    app.add_middleware(TakeOnce, in_use=champion.in_use)  # the outermost: whatever answers, answers from one model
    return app
