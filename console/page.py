"""The web page: built files as they are, `index.html` for every address inside it."""

from __future__ import annotations

import mimetypes
from pathlib import Path, PurePosixPath
from typing import Final

from fastapi.responses import PlainTextResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_NOT_FOUND: Final = 404
mimetypes.add_type("application/manifest+json", ".webmanifest")  # Python 3.11 does not know it
mimetypes.add_type("application/wasm", ".wasm")  # nor does every system's table
_PAGES: Final = {".": "index.html", "family": "family.html"}  # the second is for people without an account
_UNBUILT: Final = """The web page has not been built.

Run `make setup` (or `npm ci && npm run build` in console/web), then reload this page.
The HTTP API is at work below /api; /api/openapi.json describes it.
"""


class WebPage(StaticFiles):
    """A single-page application; the folder may appear while the console runs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        super().__init__(directory=folder, check_dir=False)

    async def check_config(self) -> None:
        """Accept a folder that is not there yet."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer a file, or the page for an address that only the page understands."""
        if path == "api" or path.startswith("api/"):
            raise HTTPException(_NOT_FOUND, "There is no such call; see /api/openapi.json.")
        try:
            response = await super().get_response(_PAGES.get(path, path), scope)
        except HTTPException as exc:
            if exc.status_code != _NOT_FOUND or PurePosixPath(path).suffix:
                raise
            if not (self._folder / "index.html").is_file():
                return PlainTextResponse(_UNBUILT, 404)
            response, path = await super().get_response("index.html", scope), "index.html"
        fingerprinted = path.startswith("assets/")  # Vite puts a hash into these names
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if fingerprinted else "no-cache"
        )
        return response
