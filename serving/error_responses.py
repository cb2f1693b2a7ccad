"""One table from what went wrong to what the caller is told; no path of the machine and no stack ever leaves."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException

from pricing.errors import (
    BundleError,
    DataError,
    FairPriceError,
    InputError,
    MalformedError,
    MissingModelError,
    OlderModelError,
    UnknownQuoteError,
)
from serving.addresses import nearest_address
from serving.bodies import write_body
from serving.fault_words import shown
from serving.reading import MAX_FAULTS
from serving.schemas import ErrorOut, FaultOut

# the first match counts
STATUS: tuple[tuple[type[FairPriceError], int, str], ...] = (
    (MalformedError, 400, "malformed"),
    (InputError, 422, "invalid_request"),
    (UnknownQuoteError, 404, "unknown_quote"),
    (MissingModelError, 503, "no_model"),
    (OlderModelError, 503, "older_model"),
    (BundleError, 503, "damaged_model"),
    (DataError, 503, "no_data"),
)
NOT_FOUND = 404
HTTP_ERRORS = {
    NOT_FOUND: ("not_found", "Nothing lives at this address; /docs lists what does."),
    405: ("method_not_allowed", "This address does not take this method; /docs lists what it takes."),
}
INTERNAL = ErrorOut("internal", "Something broke on our side; it is logged. The request may be sent again.")


def add_error_responses(app: FastAPI) -> None:
    """Teach an app to answer every failure in one shape."""
    app.add_exception_handler(FairPriceError, _domain_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _internal_error)


def error_out(fault: FairPriceError) -> tuple[int, ErrorOut]:
    """Return the status and body for an error we raised on purpose."""
    status, code = next(((status, code) for kind, status, code in STATUS if isinstance(fault, kind)), (500, "internal"))
    if isinstance(fault, InputError):
        faults = tuple(FaultOut(f.path, f.found, f.allowed, f.nearest) for f in fault.faults)
        return status, ErrorOut(
            code, f"{_how_many(len(faults))} wrong with this request; each is listed with what is allowed.", faults
        )
    return status, ErrorOut(code, str(fault))


def _how_many(faults: int) -> str:
    if faults < MAX_FAULTS:
        return f"{faults} things are" if faults > 1 else "One thing is"
    return f"At least {MAX_FAULTS} things are"


def json_response(answer: object, status: int = 200) -> Response:
    """Return an answer as a JSON response."""
    return Response(write_body(answer), status, media_type="application/json")


async def _domain_error(_request: Request, fault: Exception) -> Response:
    if not isinstance(fault, FairPriceError):
        raise fault
    status, answer = error_out(fault)
    return json_response(answer, status)


async def _http_error(request: Request, fault: Exception) -> Response:
    if not isinstance(fault, HTTPException):
        raise fault
    code, message = HTTP_ERRORS.get(fault.status_code, ("refused", "This request cannot be served."))
    near = _nearest_address(request) if fault.status_code == NOT_FOUND else None
    if near is None:
        answer = ErrorOut(code, message)
    else:
        asked = FaultOut("address", shown(request.scope["path"]), "an address that /docs lists", near)
        answer = ErrorOut(code, f"{message} Did you mean {near}?", (asked,))
    response = json_response(answer, fault.status_code)
    response.headers.update(fault.headers or {})
    return response


def _nearest_address(request: Request) -> str | None:
    state = request.app.state
    if not hasattr(state, "addresses"):
        paths = (route.path for route in iter_route_contexts(request.app.routes))
        state.addresses = tuple(path for path in paths if path)
    return nearest_address(request.scope["path"], state.addresses)


async def _internal_error(_request: Request, _fault: Exception) -> Response:
    return json_response(INTERNAL, 500)
