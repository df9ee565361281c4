# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks at an installed copy of the collection. Usage: check_installed.py COLLECTIONS_PATH

Every plugin's documentation can be shown, every Python file below plugins/ can be imported by itself,
and every playbook is sound. Ends with 1, and says what is wrong, if not.
"""

from __future__ import annotations

import importlib
import json
import os
import pathlib
import subprocess
import sys
import traceback

NAME = "lightsout.bmc"
# Plugin types that ansible-doc knows, by the name of their folder.
DOCUMENTED = {"modules": "module", "inventory": "inventory", "lookup": "lookup", "filter": "filter", "callback": "callback"}
BIN = pathlib.Path(sys.executable).parent


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([BIN / command[0], *command[1:]], capture_output=True, text=True, check=False, cwd=os.environ["HOME"])


def documentation(collection: pathlib.Path) -> list[str]:
    """What is wrong with the plugins' documentation."""
    wrong = []
    for folder, kind in DOCUMENTED.items():
        plugins = sorted(f"{NAME}.{path.stem}" for path in collection.glob(f"plugins/{folder}/[!_]*.py"))
        if not plugins:
            continue
        answer = run("ansible-doc", "--json", "--type", kind, *plugins)
        shown = json.loads(answer.stdout) if answer.returncode == 0 else {}
        missing = [plugin for plugin in plugins if not shown.get(plugin, {}).get("doc")]
        wrong += [f"ansible-doc --type {kind} {plugin}: {answer.stderr.strip() or 'no documentation'}" for plugin in missing]
        print(f"documentation of {len(plugins)} {folder}")
    return wrong


def imports(root: pathlib.Path, collection: pathlib.Path) -> list[str]:
    """What cannot be imported. Each file is imported with nothing of the collection loaded before it."""
    wrong = []
    files = sorted(collection.glob("plugins/**/*.py"))
    sys.path.insert(0, str(root))
    for path in files:
        for loaded in [name for name in sys.modules if name.startswith("ansible_collections")]:
            del sys.modules[loaded]
        name = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        try:
            importlib.import_module(name)
        except Exception as error:  # noqa: BLE001 - whatever an import may raise is the finding
            frame = traceback.extract_tb(error.__traceback__)[-1]
            wrong.append(f"import {name}: {error!r} ({frame.filename.removeprefix(f'{collection}/')}:{frame.lineno})")
    print(f"import of {len(files)} files")
    return wrong


def playbooks(collection: pathlib.Path) -> list[str]:
    """Which playbooks have a wrong syntax."""
    wrong = []
    found = sorted(path.stem for path in collection.glob("playbooks/*.yml"))
    for name in found:
        answer = run("ansible-playbook", "--syntax-check", "--inventory", "localhost,", f"{NAME}.{name}")
        if answer.returncode != 0:
            wrong.append(f"playbook {name}:\n{answer.stderr}")
    print(f"syntax of {len(found)} playbooks")
    return wrong


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    collection = root / "ansible_collections" / "lightsout" / "bmc"
    wrong = documentation(collection) + imports(root, collection) + playbooks(collection)
    for finding in wrong:
        print(finding, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
