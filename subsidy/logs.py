"""How a log line is written: where something broke and of what kind, never what the broken thing said.

The text of an exception may hold a person's data: PostgreSQL quotes the whole failing row, a parser the cell
it could not read. Lines keep the type of each exception and the frames; long digit runs keep their last four.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from types import TracebackType

from subsidy.personal import mask_numbers

ExcInfo = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]


class DiscreetFormatter(logging.Formatter):
    """Formats a record without the words of its exceptions and without numbers of people."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; what other handlers see of the record stays as it was."""
        kept = record.exc_text, record.msg, record.args
        record.exc_text = None
        record.msg, record.args = self._message(record), None
        try:
            return super().format(record)
        finally:
            record.exc_text, record.msg, record.args = kept

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 - logging's own name
        """Name each exception of the chain by its type, with its frames."""
        parts = []
        for error in _chain(ei[1]):
            frames = "".join(traceback.format_tb(error.__traceback__))
            parts.append(f"{frames}{_kind(error)}")
        return "\n".join(parts)

    def _message(self, record: logging.LogRecord) -> str:
        """Return the message with every quotation of its own exception taken out (Celery quotes it)."""
        text = record.getMessage()
        for error in _chain(record.exc_info[1] if record.exc_info else None):
            for quoted in sorted({str(error), repr(error)}, key=len, reverse=True):
                if quoted:
                    text = text.replace(quoted, _kind(error))
        return mask_numbers(text)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception's causes first and itself last."""
    if error is None:
        return
    yield from _chain(error.__cause__ or (None if error.__suppress_context__ else error.__context__))
    yield error


def _kind(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"
