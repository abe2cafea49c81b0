"""Whether a complaint is said in Chinese: all but quoted words, code and what YAML or CEL say themselves."""

from __future__ import annotations

import re
from typing import Final

from rules.fault_words import in_chinese

_QUOTED: Final = re.compile(
    r"'[^']*'|`[^`]*`|“[^”]*”|（[^）]*）|(?:YAML|表达式|其中之一|可用|写|如|只用于)[：:]? ?.*"
)
_CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")
_ENGLISH: Final = re.compile(r"\b(?:the|is|a|not|no|must|write|each)\b")


def said_in_chinese(problem: str) -> bool:
    """Say whether somebody who reads Chinese only learns what is wrong."""
    said = in_chinese(problem)
    return bool(_CHINESE.search(said)) and not _ENGLISH.search(_QUOTED.sub("", said))
