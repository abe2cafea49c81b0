"""Log in, log out, who am I."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.security import OAuth2PasswordRequestForm

from console import auth
from console.schemas import Me, Token

public = APIRouter(prefix="/api", tags=["session"])
router = APIRouter(prefix="/api", tags=["session"])


@public.post("/token")
async def login(request: Request, form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> Token:
    """Open a session (OAuth2 password flow)."""
    gatekeeper: auth.Gatekeeper = request.app.state.gatekeeper
    grant = await gatekeeper.log_in(form.username, form.password, auth.source_of(request))
    return Token(access_token=grant.token, token_type="bearer", expires_in=grant.expires_in_s)  # noqa: S106


@router.post("/logout", status_code=204)
async def logout(request: Request, caller: auth.Me, token: auth.Token) -> None:
    """Close this session."""
    gatekeeper: auth.Gatekeeper = request.app.state.gatekeeper
    await gatekeeper.log_out(token, caller)


@router.get("/me")
async def me(caller: auth.Me) -> Me:
    """Say who the caller is."""
    return Me(name=caller.name, display_name=caller.display_name, role=caller.role, scope=caller.scope)
