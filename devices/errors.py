"""Every error of the project, in one tree, split by whom to blame.

::

    PlatformError
    ├── DeviceError               a device sent nonsense
    │   ├── DecodeError           its bytes do not say what its profile promises
    │   ├── UnknownDevice         nobody registered it
    │   └── TopicError            its topic is not one of ours
    ├── ConfigError               an operator, manager or developer misconfigured something
    │   ├── RuleError             a rule file is wrong (file, line, column)
    │   ├── RowError              a row of an imported table is wrong (row number)
    │   └── SettingError          a setting is wrong
    ├── RefusedError              a person asked for something that may not be done now
    │   ├── NotFound              it does not exist, or not for this caller
    │   ├── IllegalMove           the state table does not allow the action
    │   └── Conflict              somebody else was faster
    └── InternalError             we, or the machine below us, broke
        ├── StoreError            the database
        ├── BrokerError           the MQTT broker
        ├── DeliveryError         a receiver of letters did not take one: it may later
        │   └── UndeliverableError    and will not, however often it is asked
        └── StackError            the private local stack

A class's docstring is its default message; what an error is about travels in
attributes, so that logs, quarantine rows and HTTP answers need not parse text.
"""

from __future__ import annotations

from enum import StrEnum


class PlatformError(Exception):
    """Something went wrong in the platform."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or "").splitlines()[0])


class DeviceError(PlatformError):
    """A device sent something that cannot be used."""


class Stage(StrEnum):
    """Where on the path a message was set aside."""

    RECEIVE = "receive"
    DECODE = "decode"
    JUDGE = "judge"
    STORE = "store"


class Fault(StrEnum):
    """Why a message was set aside; a small closed set, so that it can be counted."""

    BAD_TOPIC = "bad_topic"
    UNKNOWN_DEVICE = "unknown_device"
    WRONG_PLACE = "wrong_place"
    TOO_LARGE = "too_large"
    NOT_JSON = "not_json"
    BAD_SHAPE = "bad_shape"
    CLOCK_OUT_OF_RANGE = "clock_out_of_range"
    DUPLICATE_ID = "duplicate_id"
    RULE_FAILED = "rule_failed"
    REFUSED = "refused"


class DecodeError(DeviceError):
    """The message does not say what its profile promises."""

    stage = Stage.DECODE

    def __init__(self, fault: Fault, detail: str) -> None:
        self.fault = fault
        self.detail = detail
        super().__init__(f"{fault}: {detail}")


class UnknownDevice(DecodeError):
    """No device of this name is registered."""

    def __init__(self, device: str) -> None:
        self.device = device
        super().__init__(
            Fault.UNKNOWN_DEVICE, f"device {device!r} is not registered: add it with `shequ device add`"
        )


class TopicError(DecodeError):
    """The topic is not one of ours."""

    stage = Stage.RECEIVE

    def __init__(self, topic: str) -> None:
        self.topic = topic
        super().__init__(
            Fault.BAD_TOPIC,
            f"topic {topic[:200]!r} is not shequ/v1/{{place}}/{{device}}/{{event|state|availability}}",
        )


class ConfigError(PlatformError):
    """Something is configured wrongly."""


class RuleError(ConfigError):
    """A rule file is wrong."""

    def __init__(self, file: str, line: int, column: int, problem: str) -> None:
        self.file, self.line, self.column, self.problem = file, line, column, problem
        super().__init__(f"{file}:{line}:{column}: {problem}")


class RowError(ConfigError):
    """A row of an imported table is wrong."""

    def __init__(self, row: int, column: str, problem: str) -> None:
        self.row, self.column, self.problem = row, column, problem
        super().__init__(f"row {row}, {column}: {problem}")


class SettingError(ConfigError):
    """A setting is wrong."""

    def __init__(self, name: str, problem: str) -> None:
        self.name, self.problem = name, problem
        super().__init__(f"{name}: {problem}")


class RefusedError(PlatformError):
    """This may not be done now."""


class NotFound(RefusedError):
    """It does not exist, or not for this caller."""

    def __init__(self, kind: str, name: str) -> None:
        self.kind, self.name = kind, name
        super().__init__(f"no {kind} {name!r}")


class IllegalMove(RefusedError):
    """The state table does not allow this action."""

    def __init__(self, subject: str, state: str, action: str, legal: tuple[str, ...]) -> None:
        self.subject, self.state, self.action, self.legal = subject, state, action, legal
        super().__init__(f"{subject} is {state}: cannot {action}; legal now: {', '.join(legal) or 'nothing'}")


class Conflict(RefusedError):
    """Somebody else was faster."""


class InternalError(PlatformError):
    """The platform, or the machine below it, broke."""


class StoreError(InternalError):
    """The database did not do what was asked."""


class Unstorable(StoreError):
    """A value that came in is one that no column takes, too large or with a NUL: whoever sent it is told."""


class BrokerError(InternalError):
    """The MQTT broker did not do what was asked."""


class DeliveryError(InternalError):
    """The receiver did not take the letter; it may later."""


class UndeliverableError(DeliveryError):
    """The receiver will not take the letter, however often it is asked."""


class DrillError(InternalError):
    """A drill could not be played as it was planned."""


class StackError(InternalError):
    """The private local stack could not be built or started."""
