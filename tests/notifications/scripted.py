"""A provider that answers as scripted, and remembers what it was given."""

from collections.abc import Callable
from datetime import datetime

from notifications.channels.base import Accepted, Message, Outcome, Unavailable


class Killed(BaseException):
    """The process is gone at this point: nothing behind it runs, as after kill -9."""


class Scripted:
    """`answers` in turn, the last one for ever; a callable is asked, an exception is raised."""

    provider = "scripted"

    def __init__(self, answers: list[object]) -> None:
        self.answers = answers
        self.sent: list[Message] = []
        self.found: list[str] | Unavailable = []
        self.before: Callable[[Message], None] = lambda message: None

    def send(self, message: Message) -> Outcome:
        self.before(message)
        self.sent.append(message)
        answer = self.answers[min(len(self.sent) - 1, len(self.answers) - 1)] if self.answers else Accepted("taken")
        if isinstance(answer, type) and issubclass(answer, BaseException):
            raise answer
        return answer(message) if callable(answer) else answer  # type: ignore[return-value]

    def find(self, message: Message, since: datetime) -> list[str] | Unavailable:
        return self.found

    def close(self) -> None:
        pass
