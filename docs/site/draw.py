"""Draws the pictures of the documentation: figures of report pages as SVG files that stand alone, light and dark.

python docs/site/draw.py [path of the command]
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

DRAWINGS = Path(__file__).parent.parent / "drawings"
# Name of the drawing, report it is on, beginning of its description.
FIGURES = [
    ("front", ["resnet20"], "Unit crossbars against cycles"),
    ("schemes", ["resnet20"], "Unit crossbars, cycles of the slowest layer and utilization"),
    ("halo", ["lenet5", "--scheme", "sub-image"], "An input of 28×28"),
    ("crossbar", ["lenet5", "--scheme", "vw-sdk"], "A 128×128 crossbar"),
    ("ratio", ["resnet20", "--scheme", "sub-image"], "Unit crossbars against the normalized ratio"),
    ("price", ["resnet20"], "area, mm² and energy of an image, µJ of 3D kernels"),
    ("converters", ["resnet20"], "area, mm² and energy of an image, µJ of walden-typical"),
    ("layers", ["resnet20"], "Bars for"),
]
FONT = 'font-family="system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif"'


def main() -> None:
    """Draw all figures."""
    command = sys.argv[1] if len(sys.argv) > 1 else "tilewright"
    DRAWINGS.mkdir(exist_ok=True)
    pages: dict[tuple[str, ...], str] = {}
    for name, report, description in FIGURES:
        page = pages.setdefault(tuple(report), "") or report_page(command, report)
        pages[tuple(report)] = page
        figure = find(page, description)
        for theme, suffix in enumerate(["", "-dark"]):
            (DRAWINGS / f"{name}{suffix}.svg").write_text(alone(page, figure, theme), encoding="utf-8")


def report_page(command: str, report: list[str]) -> str:
    """Return the page of a report."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        subprocess.run([command, "report", *report, "-o", page], check=True)
        return page.read_text(encoding="utf-8")


def find(page: str, description: str) -> str:
    """Return the figure of the page whose description begins so."""
    figures = re.findall(r"<svg viewBox.*?</svg>", page, flags=re.DOTALL)
    of_it = [figure for figure in figures if f'aria-label="{description}' in figure]
    if not of_it:
        sys.exit(f"no figure of the report begins its description with {description!r}")
    return of_it[0]


def alone(page: str, figure: str, theme: int) -> str:
    """Return the figure with what it takes of the page's style sheet, as a file of its own."""
    style = page.split("<style>")[1].split("</style>")[0]
    # Rules of windows and of paper come last and are none of the picture's.
    style = resolve(style.split("@media")[0], theme)
    classes = {word for words in re.findall(r'class="([^"]*)"', figure) for word in words.split()}
    rules = [rule for rule in re.findall(r"[^{}]+\{[^{}]*\}", style) if belongs(rule.split("{")[0], classes)]
    width, height = re.search(r'viewBox="\S+ \S+ (\S+) (\S+)"', figure).groups()  # type: ignore[union-attr]
    ground = re.search(r"--page: ([^;]*);", style).group(1)  # type: ignore[union-attr]
    hatch = re.search(r'<pattern id="hatch".*?</pattern>', page, flags=re.DOTALL)
    defined = hatch.group(0) if hatch and "hatch" in "".join(rules) else ""
    size = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" {FONT}'
    inside = f'<style>{"".join(rule.strip() for rule in rules)}</style>{defined}<rect width="{width}" height="{height}" fill="{ground}"/>'
    opening, rest = figure.split(">", 1)
    return opening.replace("<svg", size, 1) + ">" + inside + rest + "\n"


def resolve(style: str, theme: int) -> str:
    """Return the style sheet with the colours of one theme (0 light, 1 dark) in place of their names."""
    style = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    style = re.sub(r"light-dark\(([^,()]*), ([^()]*)\)", lambda pair: pair.group(theme + 1), style)
    colours = dict(re.findall(r"(--[\w-]+): (#\w+);", style))
    return re.sub(r"var\((--[\w-]+)\)", lambda name: colours.get(name.group(1), name.group(0)), style)


def belongs(selectors: str, classes: set[str]) -> bool:
    """Whether a rule is about a mark of the figure."""
    selectors = selectors.strip()
    if any(mark in selectors for mark in [":", "table", "figure", "@", "["]):
        return False
    named = re.findall(r"\.([\w-]+)", selectors)
    return bool(set(named) & classes) if named else selectors.startswith(("svg text", "#hatch"))


if __name__ == "__main__":
    main()
