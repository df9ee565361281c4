# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The HTML report: one file that holds the JSON report and needs nothing else, least of all the network.

The page's script makes everything from the JSON and puts in text as text, so no name of a host and no answer
of a BMC can become markup. The content security policy allows exactly this style and this script.
"""

from __future__ import annotations

import base64
import hashlib
import html
import pathlib
import re
import typing as t

_FOLDER: t.Final = pathlib.Path(__file__).parent / "page"
#: A place in the page: {{name}}.
_PLACE: t.Final = re.compile(r"\{\{([a-z]+)\}\}")


def write(title: str, report: str) -> str:
    """The file's text. `report`: the JSON report."""
    style = (_FOLDER / "page.css").read_text(encoding="utf-8")
    script = (_FOLDER / "page.js").read_text(encoding="utf-8")
    # Inside a script element only "<" can end it. JSON reads \u003c as the same character.
    data = report.replace("<", "\\u003c")
    parts = {
        "title": html.escape(title),
        "policy": f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'",
        "style": style,
        "script": script,
        "report": data,
    }
    page = (_FOLDER / "page.html").read_text(encoding="utf-8")
    # Split first: what is put in is not looked at again.
    pieces = _PLACE.split(page)
    return "".join(parts[piece] if number % 2 else piece for number, piece in enumerate(pieces))


def _hash(text: str) -> str:
    """As a content security policy names an inline element."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"
