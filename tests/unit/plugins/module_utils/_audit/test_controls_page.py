# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/controls.md says what the catalogue says, and so does the module's documentation."""

from __future__ import annotations

import re

import pytest
import yaml

from ansible_collections.lightsout.bmc.plugins.doc_fragments._audit_policy import ModuleDocFragment
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._catalogue import CATALOGUE, options, policy_spec
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Disruption, Fixable, Profile, Severity, State
from tests.tools import controls_page
from tests.tools.controls_page import FAMILIES, FRAGMENT, PAGE, fragment, page, text


def test_the_page_is_that_of_the_catalogue() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "`make controls` writes it anew"


def test_the_modules_documentation_is_that_of_the_catalogue() -> None:
    assert FRAGMENT.read_text(encoding="utf-8") == fragment(), "`make controls` writes it anew"


def test_every_family_is_on_the_page() -> None:
    assert tuple(control for _title, controls in FAMILIES for control in controls) == CATALOGUE


def test_every_link_leads_somewhere() -> None:
    made = page()
    places = set(re.findall(r'<a id="([^"]+)"></a>', made))
    places |= {controls_page._anchor(title) for title in re.findall(r"^## (.+)$", made, re.MULTILINE)}
    links = re.findall(r"\]\(#([^)]+)\)", made)
    assert len(links) >= len(CATALOGUE)
    assert set(links) <= places
    # A heading of the same name further up would take the anchor.
    headings = re.findall(r"^#+ (.+)$", made, re.MULTILINE)
    assert len(set(headings)) == len(headings)


def test_every_state_and_word_has_a_meaning() -> None:
    made = page()
    assert all(f"| `{state.value}` |" in made for state in State)
    for kind, words in (
        (Severity, controls_page.SEVERITIES),
        (Profile, controls_page.PROFILES),
        (Fixable, controls_page.FIXABLE),
        (Disruption, controls_page.DISRUPTIONS),
    ):
        assert set(words) == set(kind)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("Set snmp_community (ipmi_lan).", "Set `snmp_community` (`ipmi_lan`)."),
        ("policy.sel_max_fill percent", "`policy.sel_max_fill` percent"),
        ("As M(lightsout.bmc.ipmi_channel) has it; V(none) is none.", "As `lightsout.bmc.ipmi_channel` has it; `none` is none."),
        ("MD5 (8 and 12) | 1 < 2", "MD5 (8 and 12) \\| 1 &lt; 2"),
        ("V(not_assessed)", "`not_assessed`"),
    ],
)
def test_names_become_code(words: str, shown: str) -> None:
    assert text(words) == shown


def test_the_modules_documentation_has_every_option_of_the_policy() -> None:
    documented = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]["policy"]["suboptions"]
    spec = policy_spec()["options"]
    assert set(documented) == set(spec)
    for option in options():
        shown = documented[option.name]
        for key in ("type", "elements", "choices"):
            assert shown.get(key) == option.spec.get(key)
        assert shown["description"][0].startswith(option.description)
        assert "default" not in shown, "the policy's own defaults are no defaults of the argument spec"


def test_no_option_of_the_policy_has_options_of_its_own() -> None:
    # The catalogue describes an option in one sentence, which the documentation has no place for further down.
    assert not [option.name for option in options() if "options" in option.spec]
