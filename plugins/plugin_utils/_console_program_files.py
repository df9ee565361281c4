# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""What the program bmc-console needs on a console server: those files of this collection that it imports."""

from __future__ import annotations

import hashlib
import pathlib
import re
import typing as t

#: As Python finds them below a folder of sys.path.
_PACKAGE: t.Final = "ansible_collections/lightsout/bmc/plugins/module_utils"
_IMPORT: t.Final = re.compile(r"^from ansible_collections\.lightsout\.bmc\.plugins\.module_utils([\w.]*) import (\([^)]*\)|.*)$", re.MULTILINE)
_MEMBER: t.Final = re.compile(r"\w+")
_FIRST: t.Final = "_console_program"


def program_files(folder: pathlib.Path | None = None) -> dict[str, t.Any]:
    """`files`, the text of each by its path, and `version`, a hash of all of them."""
    folder = folder or pathlib.Path(__file__).parents[1] / "module_utils"
    files: dict[str, str] = {}
    left = [_FIRST]
    while left:
        name = left.pop()
        path = f"{_PACKAGE}/{name}.py"
        source = folder / f"{name}.py"
        if path in files or not source.is_file():
            continue
        files[path] = source.read_text(encoding="utf-8")
        for package, members in _IMPORT.findall(files[path]):
            module = package.strip(".").replace(".", "/")
            # `from package import module`, or `from module import name`
            left += [module] if module else []
            left += [f"{module}/{member}".strip("/") for member in _MEMBER.findall(members)]
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path}\0{files[path]}\0".encode())
    return {"version": digest.hexdigest()[:12], "files": files}
