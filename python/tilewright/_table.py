"""Tables for people: in text for a terminal, in HTML for a notebook."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

GAP = "  "


@dataclass(frozen=True)
class Table:
    """Rows of text under titles; columns whose titles start with ``<`` are left-aligned."""

    titles: Sequence[str]
    rows: Sequence[Sequence[str]]
    total: Sequence[str] | None = None

    def text(self) -> str:
        """Return the lines, columns aligned, the total below a rule."""
        titles = [title.removeprefix("<") for title in self.titles]
        cells = [titles, *self.rows, *([self.total] if self.total else [])]
        widths = [max(len(row[place]) for row in cells) for place in range(len(titles))]
        rule = ["─" * width for width in widths]
        lines = [titles, rule, *self.rows, *([rule, self.total] if self.total else [])]
        return "".join(self._line(row, widths) for row in lines)

    def _line(self, row: Sequence[str], widths: Sequence[int]) -> str:
        cells = [
            cell.ljust(width) if title.startswith("<") else cell.rjust(width)
            for title, cell, width in zip(self.titles, row, widths, strict=True)
        ]
        return GAP.join(cells).rstrip() + "\n"

    def html(self) -> str:
        """Return the table as HTML without style, so that the notebook's applies."""
        head = self._html_row("th", [title.removeprefix("<") for title in self.titles])
        body = "".join(self._html_row("td", row) for row in self.rows)
        foot = f"<tfoot>{self._html_row('th', self.total)}</tfoot>" if self.total else ""
        return f"<table><thead>{head}</thead><tbody>{body}</tbody>{foot}</table>"

    def _html_row(self, tag: str, row: Sequence[str]) -> str:
        sides = ["left" if title.startswith("<") else "right" for title in self.titles]
        cells = zip(sides, row, strict=True)
        return "<tr>" + "".join(f'<{tag} style="text-align:{s}">{escape(c)}</{tag}>' for s, c in cells) + "</tr>"


def thousands(number: int) -> str:
    """Return 70401 as ``70,401``."""
    return f"{number:,}"


def number(value: float) -> str:
    """Return a number with at most four significant digits, thousands apart.

    >>> [number(value) for value in (0, 0.0000123, 0.012345, 1.0, 12.345, 999.7, 1234.5)]
    ['0', '1.23e-5', '0.01235', '1', '12.35', '1,000', '1,235']
    """
    size = abs(value)
    if size == 0:
        return "0"
    if not 1e-4 <= size < 1e15:
        digits, power = f"{value:.2e}".split("e")
        return f"{digits}e{int(power)}"
    if size >= 999.5:
        return thousands(math.floor(value + 0.5))
    text = f"{value:.{max(3 - math.floor(math.log10(size)), 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(part: float) -> str:
    """Return a part of a whole such as ``48.8%``; what is not nothing is never written as 0.

    >>> [percent(part) for part in (0, 0.0001, 0.25, 1.0)]
    ['0%', '0.010%', '25.0%', '100.0%']
    """
    if part == 0:
        return "0%"
    return f"{part * 100:.3f}%" if abs(part) < 0.0005 else f"{part * 100:.1f}%"


def size(pair: Iterable[int]) -> str:
    """Return ``[3, 5]`` as ``3×5``."""
    return "×".join(str(side) for side in pair)


def counted(number: int, noun: str) -> str:
    """Return a number and its noun.

    >>> [counted(1, "layer"), counted(2000, "layer")]
    ['1 layer', '2,000 layers']
    """
    return f"{thousands(number)} {noun}{'' if number == 1 else 's'}"


def data_frame(rows: Sequence[dict[str, Any]], index: str) -> Any:
    """Return a pandas data frame of rows, indexed by one of their keys."""
    try:
        import pandas
    except ImportError as error:
        raise ImportError("to_pandas needs pandas; install it with: pip install 'tilewright[pandas]'") from error
    return pandas.DataFrame(rows).set_index(index)
