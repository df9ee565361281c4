# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page: everything in one file, and a policy that fits it. What it does is tested in a browser."""

from __future__ import annotations

import base64
import hashlib
import html.parser
import json
import re

from ansible_collections.lightsout.bmc.plugins.plugin_utils._report import _html

HOSTILE = "</script><script>alert(1)</script><!--<script>{{report}}{{style}}&amp;"


class Elements(html.parser.HTMLParser):
    """Every element with its attributes and its text, as a browser would part them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        self.found.append(("", {}, ""))

    def handle_data(self, data: str) -> None:
        tag, attributes, text = self.found[-1] if self.found else ("", {}, "")
        self.found[-1:] = [(tag, attributes, text + data)]

    def of(self, tag: str) -> list[tuple[dict[str, str | None], str]]:
        return [(attributes, text) for name, attributes, text in self.found if name == tag]


def parts(title: str, report: str) -> Elements:
    """The page's elements."""
    elements = Elements()
    elements.feed(_html.write(title, report))
    return elements


def test_it_refers_to_nothing_outside() -> None:
    elements = parts("A room", "{}")
    assert not [name for name, attributes, _text in elements.found if {"src", "srcset", "action", "ping"} & set(attributes)]
    assert not {name for name, _attributes, _text in elements.found} & {"link", "base", "iframe", "object", "embed", "img"}
    assert [attributes["href"] for attributes, _text in elements.of("a")] == ["#room"]
    page = _html.write("A room", "{}")
    assert not re.search(r"@import|url\(|https?://(?!www\.gnu\.org/licenses/)", page)


def test_the_policy_allows_the_pages_own_style_and_script_and_nothing_else() -> None:
    elements = parts("A room", "{}")
    (policy,) = [attributes["content"] for attributes, _text in elements.of("meta") if attributes.get("http-equiv") == "Content-Security-Policy"]
    ((_attributes, style),) = elements.of("style")
    (_data, (_more, script)) = elements.of("script")

    def named(text: str) -> str:
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    assert policy == f"default-src 'none'; style-src {named(style)}; script-src {named(script)}; base-uri 'none'; form-action 'none'"


def test_no_text_gets_out_of_its_place() -> None:
    data = json.dumps({"name": HOSTILE})
    elements = parts(HOSTILE, data)
    scripts = elements.of("script")
    assert len(scripts) == 2
    assert json.loads(scripts[0][1]) == {"name": HOSTILE}
    assert elements.of("title")[0][1] == HOSTILE


def test_the_script_never_makes_markup_of_text() -> None:
    ((_attributes, _json), (_more, script)) = parts("A room", "{}").of("script")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|createContextualFragment|setHTML", script)
