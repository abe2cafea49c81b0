"""My orders, and the moves of whoever was sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from console import field_moves, field_orders
from console.access import Data, database_of
from console.auth import Me
from console.field_schemas import FieldOrder, MoveAnswer, OrderMove
from console.paging import Cursor, Limit, after, page
from console.schemas import Page

router = APIRouter(prefix="/api/orders", tags=["orders"])


@router.get("/mine", response_model=Page[FieldOrder])
async def my_orders(
    database: Data,
    caller: Me,
    state: Literal["open", "over", "all"] = "open",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List the orders sent to the caller, or to the caller's organisation and place, newest first."""
    sent, number = after(cursor, datetime, int)
    rows = await field_orders.my_orders(database, caller, state=state, after=(sent, number), limit=limit)
    return page(rows, limit, "sent_at", "id")


@router.post("/{order_id}/actions", response_model=MoveAnswer)
async def act_on_order(request: Request, caller: Me, order_id: int, wish: OrderMove) -> JSONResponse:
    """Make a move; the same `key` again answers as before, a move that came too late is kept as a note."""
    answer = await database_of(request).write(
        lambda connection: field_moves.move(connection, caller, order_id, wish)
    )
    return JSONResponse(answer)
