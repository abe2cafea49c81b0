"""The camera node: for each camera two threads (read, watch), one connection, and its archive."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

import cv2
import numpy as np

from devices.errors import SettingError
from devices.profiles.camera import CameraObject, CameraScene
from ingest.camera import wish
from ingest.camera.analyser import ALWAYS
from ingest.camera.archive import Archive, fitted
from ingest.camera.detector import OnnxDetector
from ingest.camera.finding import Finding, SceneChange
from ingest.camera.link import Link
from ingest.camera.live import marked, serve_live
from ingest.camera.onvif import SCHEME, OnvifCamera
from ingest.camera.privacy import Privacy
from ingest.camera.settings import Camera, NodeSettings, armed
from ingest.camera.shape import Box, Frame
from ingest.camera.source import READ_MS, Newest, Source
from ingest.camera.store import ArchiveError, Bucket, PictureStore, open_store
from ingest.camera.watch import Seen, Watch

Clock = Callable[[], datetime]
EXPIRE_EVERY = 3600.0  # seconds
VIEW_EVERY = 600.0  # seconds
STALE = 5.0  # seconds: an older picture must not pass for a live one
_YELLOW, _RED, _BLUE = (60, 220, 250), (40, 40, 230), (230, 160, 40)  # blue, green, red
log = logging.getLogger(__name__)


class CameraDesk:
    """One camera's outcomes become messages, pictures and clips."""

    def __init__(self, camera: Camera, settings: NodeSettings, clock: Clock) -> None:
        self._home = Path(settings.folder) / camera.estate / camera.device
        self._file = camera  # as the node's own file says, beneath whatever the registry wants
        camera = wish.remembered(self._home, camera, _complain)
        self._camera, self._settings, self._clock = camera, settings, clock
        self.link = Link(camera, settings.broker, clock, self.configure)
        self._store = _store_of(settings)
        self.archive = self._archive()
        self.newest = Newest()
        self.source = Source(camera.device, camera.url, camera.frame_rate, self.newest, resolve=self._resolve)
        self._loop = asyncio.get_running_loop()
        self._seen: asyncio.Queue[Seen] = asyncio.Queue(256)
        self._clip_until = float("-inf")
        self._look_anew = asyncio.Event()
        detector = OnnxDetector(camera.model) if camera.model else None
        self.watch = Watch(camera, self.newest, self._tell, monotonic, detector)
        self.overrun = 0

    def _archive(self) -> Archive:
        camera, settings = self._camera, self._settings
        privacy = Privacy(camera.masks, heads=camera.blur_people, face_model=settings.face_model)
        return Archive(self._store, camera.estate, camera.device, privacy, width=camera.keep.width)

    def shown_live(self, viewer: str) -> bytes | None:
        """Return the newest picture as a viewer may see it: hidden, and bearing name and time."""
        seen = self.watch.latest
        if seen is None or monotonic() - self.watch.latest_at > STALE:
            return None
        frame = self.archive.privacy.apply(fitted(seen[0], self._camera.keep.width), seen[1])
        return marked(frame, viewer, self._clock(), self._settings.utc_offset)

    def _resolve(self, url: str) -> str:
        return OnvifCamera.at(url).stream(self._clock) if url.startswith(f"{SCHEME}://") else url

    def configure(self, payload: bytes) -> None:
        """Become what the registry wants and say so; what cannot be is refused whole, with the reason."""
        try:
            wanted = wish.read(payload)
        except SettingError as exc:
            _complain(str(exc))
            return
        try:
            camera = wish.wished(self._file, wanted.data)
            wish.remember(self._home, wanted)
        except (SettingError, OSError) as exc:
            self.link.say(wanted.answer(str(exc)), self._clock())
            return
        if camera != self._camera:
            self._camera = camera
            self.archive = self._archive()
            self.source.rate, self.link.heartbeat = camera.frame_rate, camera.heartbeat
            self.watch.become(camera)
            self._look_anew.set()
        self.link.say(wanted.answer(), self._clock())

    def _tell(self, seen: Seen) -> None:
        """Take outcomes from the watching thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._queue, seen)

    def _queue(self, seen: Seen) -> None:
        if self._seen.full():
            self.overrun += 1
            self._seen.get_nowait()
        self._seen.put_nowait(seen)

    @asynccontextmanager
    async def threads(self) -> AsyncIterator[None]:
        """Read and watch while the context is open."""
        self.source.start()
        self.watch.start()
        try:
            yield
        finally:
            self.source.stop()
            self.watch.stop()
            await asyncio.to_thread(self.source.join, READ_MS / 1000 + 2)
            await asyncio.to_thread(self.watch.join, 5.0)

    async def run(self) -> None:
        """Publish and keep until cancelled."""
        async with self.threads(), asyncio.TaskGroup() as group:
            group.create_task(self.link.run(), name=f"link {self._camera.device}")
            group.create_task(self._expire(), name=f"expire {self._camera.device}")
            group.create_task(self._view(), name=f"view {self._camera.device}")
            while True:
                seen = await self._seen.get()
                for outcome in seen.outcomes:
                    await self._publish(outcome, seen, group)

    async def _publish(self, outcome: Finding | SceneChange, seen: Seen, group: asyncio.TaskGroup) -> None:
        when = self._clock() - timedelta(seconds=max(0.0, monotonic() - seen.at))
        if isinstance(outcome, SceneChange):
            self.link.say(CameraScene(state=outcome.state), when)
            return
        on_duty = armed(self._camera, self._settings.utc_offset, when) or outcome.behaviour in ALWAYS
        if not on_duty and outcome.phase != "leave":
            return
        snapshot = None
        if outcome.phase == "enter" and seen.frame is not None:
            snapshot = await self._keep(outcome, seen, when, group)
        self.link.say(
            CameraObject(
                track=outcome.track,
                label=outcome.label,
                phase=outcome.phase,
                score=outcome.score,
                zone=outcome.zone,
                count=outcome.count,
                snapshot=snapshot,
                behaviour=outcome.behaviour.value,
            ),
            when,
        )

    async def _keep(
        self, finding: Finding, seen: Seen, when: datetime, group: asyncio.TaskGroup
    ) -> str | None:
        """Keep the picture now and its clip later; returns the reference, None where the disk failed."""
        if seen.frame is None:
            return None
        reference = self.archive.name(f"{finding.behaviour}-{finding.track}", when)
        drawn = annotated(seen.frame, self._camera, finding.box)
        try:
            await asyncio.to_thread(self.archive.picture, reference, drawn, seen.moving)
        except ArchiveError as exc:
            log.error("%s", exc, extra={"action": "camera.archive"})  # noqa: TRY400 - the path says it all
            return None
        keep = self._camera.keep
        if keep.clips and seen.at >= self._clip_until:
            self._clip_until = seen.at + keep.after
            group.create_task(self._clip(reference, seen.at), name=f"clip {reference}")
        return reference

    async def _clip(self, reference: str, at: float) -> None:
        keep = self._camera.keep
        await asyncio.sleep(max(0.0, at + keep.after - monotonic()))
        shots = self.watch.ring.between(at - keep.before, at + keep.after)
        try:
            await asyncio.to_thread(self.archive.clip, reference, shots, self._camera.frame_rate)
        except (ArchiveError, OSError, cv2.error) as exc:
            log.error("clip %s: %s", reference, exc, extra={"action": "camera.archive"})  # noqa: TRY400

    async def _expire(self) -> None:
        while True:
            keep = timedelta(days=self._camera.keep.days)
            try:
                gone = await asyncio.to_thread(self.archive.expire, self._clock(), keep)
            except ArchiveError as exc:
                log.error("retention: %s", exc, extra={"action": "camera.archive"})  # noqa: TRY400
                gone = 0
            if gone:
                about = {"action": "camera.expire"}
                log.info("camera %s: %d files expired", self._camera.device, gone, extra=about)
            await asyncio.sleep(EXPIRE_EVERY)

    async def _view(self) -> None:
        """Keep what the camera sees: at the start, after other settings, and now and then."""
        while True:
            self._look_anew.clear()
            while (seen := self.watch.latest) is None:  # noqa: ASYNC110 - it comes from a thread
                await asyncio.sleep(0.5)
            try:
                await asyncio.to_thread(self.archive.view, *seen)
            except ArchiveError as exc:
                log.error("%s", exc, extra={"action": "camera.archive"})  # noqa: TRY400
            try:
                async with asyncio.timeout(VIEW_EVERY):
                    await self._look_anew.wait()
            except TimeoutError:
                continue


def _store_of(settings: NodeSettings) -> PictureStore:
    how = settings.bucket
    bucket = Bucket(endpoint=how.endpoint, region=how.region, key=how.key, secret=how.secret)
    return open_store(settings.pictures or settings.folder, bucket)


def _complain(text: str) -> None:
    log.warning("%s", text, extra={"action": "camera.config"})


async def run(settings: NodeSettings, clock: Clock) -> None:
    """Run every camera of the settings until cancelled."""
    cv2.setNumThreads(1)  # the cameras share the cores; OpenCV's own threads would fight for them
    async with AsyncExitStack() as stack:
        desks = {
            (camera.estate, camera.device): CameraDesk(camera, settings, clock) for camera in settings.cameras
        }
        if settings.live.secret:
            pictures = {name: desk.shown_live for name, desk in desks.items()}
            await stack.enter_async_context(serve_live(settings.live, settings.live.secret, pictures))
        group = await stack.enter_async_context(asyncio.TaskGroup())
        for (_, device), desk in desks.items():
            group.create_task(desk.run(), name=f"camera {device}")


def annotated(frame: Frame, camera: Camera, box: Box) -> Frame:
    """Return a copy with the camera's zones, lines and the object's box drawn in."""
    shown, (height, width) = frame.copy(), frame.shape[:2]
    thick = max(1, width // 480)
    size = np.array([width, height])
    for zone in camera.zones:
        cv2.polylines(shown, [(np.array(zone.points) * size).astype(np.int32)], True, _YELLOW, thick)  # noqa: FBT003
    for line in camera.lines:
        a, b = (np.array(line.a) * size).astype(int), (np.array(line.b) * size).astype(int)
        cv2.line(shown, (int(a[0]), int(a[1])), (int(b[0]), int(b[1])), _BLUE, thick)
    here = box.scaled(width, height)
    corner = (int(here.x), int(here.y))
    cv2.rectangle(shown, corner, (int(here.x + here.w), int(here.y + here.h)), _RED, thick)
    return shown
