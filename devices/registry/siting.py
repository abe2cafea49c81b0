"""What a place is used for, and where the law allows no camera."""

from __future__ import annotations

from enum import StrEnum


class Use(StrEnum):
    """What a place is used for; a place without one is nothing special."""

    HALL = "hall"
    CORRIDOR = "corridor"
    LIFT = "lift"
    ENTRANCE = "entrance"
    PARKING = "parking"
    OFFICE = "office"
    PLANT_ROOM = "plant_room"
    DWELLING = "dwelling"
    GUEST_ROOM = "guest_room"
    DORMITORY = "dormitory"
    BATHROOM = "bathroom"
    TOILET = "toilet"
    CHANGING_ROOM = "changing_room"
    NURSING_ROOM = "nursing_room"


NO_CAMERA = frozenset(
    {Use.GUEST_ROOM, Use.DORMITORY, Use.BATHROOM, Use.TOILET, Use.CHANGING_ROOM, Use.NURSING_ROOM}
)
"""公共安全视频图像信息系统管理条例, article 8: no camera there, nor in any place inside."""

WATCHES = frozenset({"camera"})
"""Families that record pictures of people."""

USES_ZH = {
    Use.GUEST_ROOM: "客房",
    Use.DORMITORY: "宿舍",
    Use.BATHROOM: "浴室",
    Use.TOILET: "卫生间",
    Use.CHANGING_ROOM: "更衣室",
    Use.NURSING_ROOM: "哺乳室",
}


def siting_problem(profile: str, use: str | None) -> str | None:
    """Say why a family may not stand in a place of this use, or None where it may."""
    if profile in WATCHES and use in NO_CAMERA:
        where = Use(use)
        return f"the law (条例 art. 8) allows no camera in a {where.replace('_', ' ')} ({USES_ZH[where]})"
    return None
