"""A cookie that is good comes in; the reader it is of goes out, or in a sentence why a request is not done."""

from dataclasses import dataclass


class Declined(Exception):  # noqa: N818 - it becomes an answer
    """A request that is not done, and why."""

    def __init__(self, status: int, words: str, wait_s: int = 0) -> None:
        super().__init__(words)
        self.status = status
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Known:
    """A reader who is known by their cookie; `is_old`: the cookie should be renewed."""

    reader: str
    csrf: str
    is_old: bool = False
