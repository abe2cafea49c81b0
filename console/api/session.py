"""Log in, log out, who am I: programs get a bearer token, the page a cookie that no script reads."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.security import OAuth2PasswordRequestForm

from console import auth, cookies, oidc
from console.access import Data
from console.access_schemas import FirstAccount, WaysIn
from console.first_run import FirstRun
from console.permissions import Role
from console.problems import Unauthenticated
from console.schemas import Me, Token
from console.second_factor import SQL
from console.settings import ConsoleSettings

public = APIRouter(prefix="/api", tags=["session"])
router = APIRouter(prefix="/api", tags=["session"])

_Form = Annotated[OAuth2PasswordRequestForm, Depends()]
_Code = Annotated[str, Form(max_length=64, description="second factor: six digits, or a recovery code")]


@public.post("/token")
async def login(request: Request, form: _Form, otp: _Code = "") -> Token:
    """Open a session (OAuth2 password flow)."""
    grant = await _enter(request, form, otp)
    return Token(access_token=grant.token, token_type="bearer", expires_in=grant.expires_in_s)  # noqa: S106


@public.post("/session", status_code=204)
async def open_page_session(request: Request, response: Response, form: _Form, otp: _Code = "") -> None:
    """Open a session of the page: its token travels in a cookie that no script can read."""
    grant = await _enter(request, form, otp)
    caller = await _gatekeeper(request).find(grant.token)
    lasting = caller is not None and caller.role is Role.FIELD  # a phone of one's own, not a shared desk
    cookies.give(response, request, grant.token, seconds=grant.expires_in_s if lasting else None)


@public.get("/session/ways")
async def ways_in(request: Request) -> WaysIn:
    """Say how somebody may log in here."""
    server: oidc.IdentityServer = request.app.state.identity_server
    first: FirstRun = request.app.state.first_run
    return WaysIn(password=True, oidc=server.configured, first_run=first.open)


@public.post("/session/first-run", status_code=204)
async def set_up(request: Request, database: Data, wish: FirstAccount) -> None:
    """Make the first account, a security administrator, with the code that the log shows."""
    first: FirstRun = request.app.state.first_run
    await first.take(database, wish)


@public.get("/oidc/login", response_class=RedirectResponse)
async def begin_oidc(request: Request, database: Data) -> RedirectResponse:
    """Go to the county's identity server."""
    server: oidc.IdentityServer = request.app.state.identity_server
    await request.app.state.login_rate.take(database, auth.source_of(request))
    address, state = await server.begin(database, _back(request))
    answer = RedirectResponse(address, 303)
    answer.set_cookie(
        oidc.COOKIE, state, max_age=oidc.WAIT_S, path="/api/oidc", httponly=True, samesite="lax",
        secure=request.url.scheme == "https",
    )  # fmt: skip
    return answer


@public.get("/oidc/callback", response_class=RedirectResponse)
async def finish_oidc(request: Request, database: Data, state: str = "", code: str = "") -> RedirectResponse:
    """Come back from the identity server: a session for the account tied to that subject."""
    server: oidc.IdentityServer = request.app.state.identity_server
    subject = await server.finish(database, state, request.cookies.get(oidc.COOKIE, ""), code)
    user = await database.row(SQL["by_subject"], {"subject": subject})
    if user is None or user["disabled"]:
        raise Unauthenticated
    grant = await _gatekeeper(request).open_session(user["name"], auth.source_of(request), way="oidc")
    answer = RedirectResponse("/?in=1", 303)
    answer.delete_cookie(oidc.COOKIE, path="/api/oidc")
    cookies.give(answer, request, grant.token, seconds=None)
    return answer


@router.post("/logout", status_code=204)
async def logout(request: Request, response: Response, caller: auth.Me, token: auth.Token) -> None:
    """Close this session."""
    await _gatekeeper(request).log_out(token, caller)
    cookies.take(response)


@router.get("/me")
async def me(caller: auth.Me) -> Me:
    """Say who the caller is."""
    return Me(
        name=caller.name,
        display_name=caller.display_name,
        role=caller.role,
        scope=caller.scope,
        owes=caller.owes,
    )


def _back(request: Request) -> str:
    """Where the identity server sends the browser: as people reach us, never as a Host header says."""
    settings: ConsoleSettings = request.app.state.settings
    return f"{settings.public_url.rstrip('/')}{request.app.url_path_for('finish_oidc')}"


async def _enter(request: Request, form: OAuth2PasswordRequestForm, otp: str) -> auth.Grant:
    source = auth.source_of(request)
    await request.app.state.login_rate.take(request.app.state.database, source)
    return await _gatekeeper(request).log_in(form.username, form.password, source, otp)


def _gatekeeper(request: Request) -> auth.Gatekeeper:
    gatekeeper: auth.Gatekeeper = request.app.state.gatekeeper
    return gatekeeper
