"""Every cell of every notebook of the documentation runs; what one needs that is not installed is named."""

import ast
import importlib.util
import json
import re
from pathlib import Path

import pytest

import tilewright
from tilewright import _core

FOLDER = Path(__file__).parents[2] / "docs" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def cells(notebook):
    document = json.loads(notebook.read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in document["cells"] if cell["cell_type"] == "code"]


def missing(code):
    """What the cells import or read that is not here."""
    modules = [name for name in ("torch", "matplotlib", "pandas") if re.search(rf"\b{name}\b|to_{name}|sweep", code)]
    needed = [name for name in modules if importlib.util.find_spec(name) is None]
    if re.search(r"tilewright\.train", code) and importlib.util.find_spec("torch") is None:
        needed.append("torch")
    if "fashion" in code:
        try:
            _core.Dataset.load("fashion-mnist", "test", None)
        except tilewright.TilewrightError:
            needed.append("fashion-mnist (`tilewright data fetch fashion-mnist`)")
    return sorted(set(needed))


def test_there_are_eight():
    assert len(NOTEBOOKS) == 8


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda notebook: notebook.stem)
def test_every_cell_runs(notebook, monkeypatch):
    code = cells(notebook)
    if needed := missing("\n".join(code)):
        pytest.skip(f"{notebook.name} needs {', '.join(needed)}")
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.chdir(FOLDER)
    monkeypatch.syspath_prepend(str(FOLDER.parent / "site"))
    names = {"__name__": notebook.stem}
    for cell in code:
        statements = ast.parse(cell)
        shown = statements.body.pop() if isinstance(statements.body[-1], ast.Expr) else None
        exec(compile(statements, notebook.name, "exec"), names)
        if shown is not None:
            value = eval(compile(ast.Expression(shown.value), notebook.name, "eval"), names)
            shows = getattr(value, "_repr_svg_", None) or getattr(value, "_repr_html_", None) or value.__repr__
            if value is not None:
                assert shows()
