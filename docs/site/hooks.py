"""What the pages take besides Markdown: roles of docstrings, which `help` shows as they are, become plain code."""

import re
from typing import Any


def on_page_content(html: str, **_: Any) -> str:
    """Return the page without the names of roles, such as `:func:`."""
    return re.sub(r":(?:func|meth|class|attr|mod):(?=<code)", "", html)
