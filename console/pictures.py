"""Photos from phones: what is no photo is refused, what the camera wrote into it is left behind.

Decoding and encoding anew is the washing: EXIF, position, thumbnails and whatever hides behind the
picture do not survive it. The header is read before the pixels, so a small file cannot unfold
into gigabytes.
"""

from __future__ import annotations

import hashlib
import io
import struct
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps

from console.problems import Invalid
from console.threads import Threads

MOST_BYTES: Final = 12 * 1024 * 1024
MOST_PIXELS: Final = 50_000_000
LONGEST_EDGE: Final = 2560  # enough to read a door plate; a year of cases still fits on a disk
QUALITY: Final = 86
MEDIA_TYPE: Final = "image/jpeg"
KINDS: Final = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
_THREADS: Final = Threads("pictures", 2)  # each takes up to 200 MB


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """A washed photo."""

    content: bytes
    sha256: str
    width: int
    height: int


async def wash(content: bytes, media_type: str) -> Picture:
    """Decode and encode a photo anew, off the event loop.

    Raises Invalid where it is none of the kinds we take, or too large.
    """
    return await _THREADS.run(_wash, content, media_type)


def _wash(content: bytes, media_type: str) -> Picture:
    kind = KINDS.get(media_type)
    if kind is None:
        raise Invalid({"Content-Type": f"send one of {', '.join(KINDS)}"})
    try:
        with Image.open(io.BytesIO(content), formats=(kind,)) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Invalid({"body": f"{image.width}×{image.height} is too large: at most 50 megapixels"})
            image.draft("RGB", (LONGEST_EDGE, LONGEST_EDGE))
            upright = _opaque(ImageOps.exif_transpose(image))
    except (OSError, SyntaxError, ValueError, struct.error, Image.DecompressionBombError) as exc:
        raise Invalid({"body": f"this is no readable {kind} picture"}) from exc
    upright.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
    clean = Image.new("RGB", upright.size)  # a picture that never had anything but pixels
    clean.paste(upright)
    out = io.BytesIO()
    clean.save(out, "JPEG", quality=QUALITY, optimize=True)
    washed = out.getvalue()
    return Picture(
        content=washed, sha256=hashlib.sha256(washed).hexdigest(), width=clean.width, height=clean.height
    )


def _opaque(image: Image.Image) -> Image.Image:
    """On white, as paper is: behind the lines of a drawing lies nothing, and nothing would be black."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    drawn = image.convert("RGBA")
    drawn.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
    paper = Image.new("RGBA", drawn.size, "white")
    paper.alpha_composite(drawn)
    return paper.convert("RGB")
