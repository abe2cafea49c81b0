"""Errors as RFC 9457 problem details: one shape for everything that is not a 2xx.

The error tree of devices/errors.py says whom to blame; this file says it in HTTP. The
attributes of an error travel as attributes of the problem.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from devices.errors import (
    BrokerError,
    Conflict,
    IllegalMove,
    NotFound,
    PlatformError,
    RefusedError,
    SettingError,
    StoreError,
    Unstorable,
)

log = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
_UNTOLD = "value_error"  # pydantic's type for a ValueError raised by one of our validators


class Unauthenticated(RefusedError):
    """Log in first: there is no session behind this token."""


class WrongLogin(RefusedError):
    """The name or the password is wrong."""


class Locked(RefusedError):
    """Too many wrong passwords: wait before the next try."""

    def __init__(self, retry_after_s: int) -> None:
        self.retry_after_s = retry_after_s
        super().__init__()


class Forbidden(RefusedError):
    """Your role may not do this."""


class SecondFactor(RefusedError):
    """The password is right. Now the code of the second factor, or a recovery code."""


class Owing(Forbidden):
    """Do this first: set up a second factor, or change a password that somebody else knows."""

    def __init__(self, *, why: str) -> None:
        self.why = why
        super().__init__()


class Unfit(Forbidden):
    """The step is possible, but not for you: `why` says so, `legal` what is."""

    def __init__(self, message: str, *, why: str, legal: Sequence[str]) -> None:
        self.why, self.legal = why, tuple(legal)
        super().__init__(message)


class Invalid(RefusedError):
    """Something in the request is wrong; `errors` names each field and how to mend it."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = [{"field": field, "problem": problem} for field, problem in errors.items()]
        super().__init__("; ".join(f"{field}: {problem}" for field, problem in errors.items()))


class Beaten(Conflict):
    """Somebody else was faster; `last` says who did what, `legal` what is possible now."""

    def __init__(self, message: str, *, legal: Sequence[str], last: Mapping[str, Any] | None) -> None:
        self.legal, self.last = tuple(legal), last
        super().__init__(message)


class NotConfigured(PlatformError):
    """This part of the platform is not configured."""


_STATUS: tuple[tuple[type[PlatformError], HTTPStatus], ...] = (
    (Unauthenticated, HTTPStatus.UNAUTHORIZED),
    (WrongLogin, HTTPStatus.UNAUTHORIZED),
    (SecondFactor, HTTPStatus.UNAUTHORIZED),
    (Locked, HTTPStatus.TOO_MANY_REQUESTS),
    (Invalid, HTTPStatus.UNPROCESSABLE_ENTITY),
    (NotFound, HTTPStatus.NOT_FOUND),
    (IllegalMove, HTTPStatus.CONFLICT),
    (Conflict, HTTPStatus.CONFLICT),
    (RefusedError, HTTPStatus.FORBIDDEN),
    (SettingError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (NotConfigured, HTTPStatus.SERVICE_UNAVAILABLE),
    (Unstorable, HTTPStatus.UNPROCESSABLE_ENTITY),
    (StoreError, HTTPStatus.SERVICE_UNAVAILABLE),
    (BrokerError, HTTPStatus.SERVICE_UNAVAILABLE),
)
_TOLD = ("legal", "last", "errors", "state", "action", "why")  # attributes a caller may see


def problem(
    status: int, detail: str, *, kind: str = "", headers: Mapping[str, str] | None = None, **more: Any
) -> JSONResponse:
    """Build one problem answer."""
    phrase = HTTPStatus(status).phrase
    body = {
        "type": f"urn:shequ:problem:{kind or phrase.lower().replace(' ', '-')}",
        "title": phrase,
        "status": int(status),
        "detail": detail,
        **more,
    }
    return JSONResponse(body, status, dict(headers or {}), media_type=MEDIA_TYPE)


def unexpected(exc: Exception, *, method: str, path: str) -> JSONResponse:
    """Log an error nobody planned for and answer with its number only."""
    number = secrets.token_hex(6)
    log.error(
        "request failed unexpectedly", exc_info=exc, extra={"error": number, "path": f"{method} {path}"}
    )
    return problem(500, f"The platform broke. The log explains it under the number {number}.", error=number)


def install(app: FastAPI) -> None:
    """Answer every known error as a problem."""
    app.add_exception_handler(PlatformError, _platform_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)


async def _platform_error(request: Request, exc: Exception) -> JSONResponse:
    if not isinstance(exc, PlatformError):
        raise TypeError(exc)
    status = next((status for kind, status in _STATUS if isinstance(exc, kind)), None)
    if status is None:
        return unexpected(exc, method=request.method, path=request.url.path)
    headers: dict[str, str] = {}
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(exc, Locked):
        headers["Retry-After"] = str(exc.retry_after_s)
    detail = str(exc)
    if isinstance(exc, StoreError) and not isinstance(exc, Unstorable):
        log.error("the database failed a request", exc_info=exc, extra={"path": request.url.path})
        detail = "The database did not answer. Try again in a moment."
    more = {name: value for name in _TOLD if (value := getattr(exc, name, None)) is not None}
    return problem(status, detail, kind=_kind(exc), headers=headers, **more)


async def _validation_error(_: Request, exc: Exception) -> JSONResponse:
    if not isinstance(exc, RequestValidationError):
        raise TypeError(exc)
    errors = [
        {
            "field": ".".join(str(part) for part in error["loc"][1:]) or str(error["loc"][0]),
            "problem": str(error["ctx"]["error"]) if error["type"] == _UNTOLD else error["msg"],
        }
        for error in exc.errors()
    ]
    detail = "; ".join(f"{error['field']}: {error['problem']}" for error in errors)
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, kind="invalid", errors=errors)


async def _http_error(_: Request, exc: Exception) -> JSONResponse:
    if not isinstance(exc, HTTPException):
        raise TypeError(exc)
    return problem(exc.status_code, str(exc.detail), headers=exc.headers)


def _kind(exc: PlatformError) -> str:
    name = type(exc).__name__.removesuffix("Error")
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in name).strip("-")
