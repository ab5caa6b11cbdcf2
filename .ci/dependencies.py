#!/usr/bin/env python3
"""What is built into the command and the wheel besides this project: licence notices, or a bill of materials (CycloneDX 1.5).

.ci/dependencies.py licences THIRD_PARTY.md
.ci/dependencies.py sbom target/sbom.json
"""

import json
import subprocess
import sys
from pathlib import Path

SHIPPED = ["tilewright-cli", "tilewright-py"]
NOTICES = ("licen", "copying", "notice", "unlicense", "copyright")


def main() -> None:
    """Write the file that was asked for."""
    form, path = sys.argv[1:]
    text = {"licences": licences, "sbom": sbom}[form](packages())
    Path(path).write_text(text, encoding="utf-8")


def packages() -> list[dict]:
    """Return the packages from elsewhere that what is shipped is built of, by name and version."""
    metadata = json.loads(subprocess.check_output(["cargo", "metadata", "--format-version", "1", "--locked"]))
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    by_id = {package["id"]: package for package in metadata["packages"]}
    waiting = [package["id"] for package in metadata["packages"] if package["name"] in SHIPPED]
    reached = set(waiting)
    while waiting:
        for dependency in nodes[waiting.pop()]["deps"]:
            is_built_in = any(kind["kind"] is None for kind in dependency["dep_kinds"])
            if is_built_in and dependency["pkg"] not in reached:
                reached.add(dependency["pkg"])
                waiting.append(dependency["pkg"])
    foreign = [by_id[name] for name in reached if by_id[name]["source"]]
    return sorted(foreign, key=lambda package: (package["name"], package["version"]))


def licences(packages: list[dict]) -> str:
    """Return the notices as Markdown: a table, then every text once with the packages that it is of."""
    rows = [f"| {package['name']} | {package['version']} | {package['license']} |" for package in packages]
    texts: dict[str, list[str]] = {}
    for package in packages:
        for text in notices(Path(package["manifest_path"]).parent):
            texts.setdefault(text, []).append(f"{package['name']} {package['version']}")
    sections = [f"## {', '.join(names)}\n\n```text\n{text}\n```\n" for text, names in texts.items()]
    head = "# Third-party licences\n\nWritten by `just licences` from the packages that the command and the wheel are built of, on every system.\n\n"
    return head + "\n".join(["| package | version | licence |", "|---|---|---|", *rows, "", *sections])


def notices(folder: Path) -> list[str]:
    """Return the texts of a package's files of licences, without what editors leave."""
    files = sorted(file for file in folder.iterdir() if file.is_file() and file.name.lower().startswith(NOTICES))
    texts = [file.read_text(encoding="utf-8", errors="replace") for file in files]
    return ["\n".join(line.rstrip() for line in text.strip().splitlines()).replace("```", "'''") for text in texts]


def sbom(packages: list[dict]) -> str:
    """Return the bill of materials as CycloneDX JSON."""
    components = [
        {
            "type": "library",
            "name": package["name"],
            "version": package["version"],
            "purl": f"pkg:cargo/{package['name']}@{package['version']}",
            "licenses": [{"expression": package["license"].replace("/", " OR ")}] if package["license"] else [],
        }
        for package in packages
    ]
    bill = {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": components}
    return json.dumps(bill, indent=1) + "\n"


if __name__ == "__main__":
    main()
