"""Every part of `shequ bench` names a function that is there and takes the options it is given."""

from __future__ import annotations

import inspect
from importlib import import_module

import pytest

from console.commands.bench import _WORK, Part


@pytest.mark.parametrize("part", Part)
def test_a_part_can_be_asked_for(part: Part) -> None:
    module, function, wanted = _WORK[part]
    inspect.signature(getattr(import_module(module), function)).bind(**dict.fromkeys(wanted))
