"""Camera snapshots, for people who are logged in only."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import anyio.to_thread
from fastapi import APIRouter, Request
from fastapi.responses import FileResponse

from console.access import Data, must_see
from console.auth import Me
from console.settings import ConsoleSettings
from devices.errors import NotFound

router = APIRouter(prefix="/api/snapshots", tags=["snapshots"])
_IMAGES: Final = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}


@router.get("/{path:path}", response_class=FileResponse)
async def snapshot(request: Request, database: Data, caller: Me, path: str) -> FileResponse:
    """Show a picture; the first folder of its path is its estate."""
    settings: ConsoleSettings = request.app.state.settings
    if caller.scope is not None:
        await must_see(database, caller, path.split("/", 1)[0])
    file = await anyio.to_thread.run_sync(_find, settings.snapshots, path)
    if file is None:
        raise NotFound("snapshot", path[:200])
    return FileResponse(
        file, media_type=_IMAGES[file.suffix.lower()], headers={"Cache-Control": "private, max-age=3600"}
    )


def _find(folder: Path | None, path: str) -> Path | None:
    if folder is None or "\0" in path:
        return None
    root = folder.resolve()
    file = (root / path).resolve()
    if not file.is_relative_to(root) or file.suffix.lower() not in _IMAGES or not file.is_file():
        return None
    return file
