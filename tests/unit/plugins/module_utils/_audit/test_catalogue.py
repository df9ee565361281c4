# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lint of the catalogue: what each control brings along."""

from __future__ import annotations

import ast
import importlib
import pathlib
import typing as t

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._catalogue import CATALOGUE, chosen, options
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Control, Profile

CHECKOUT = pathlib.Path(__file__).parents[5]
FOLDER = CHECKOUT / "plugins/module_utils/_audit/_controls"
TESTS = CHECKOUT / "tests/integration/simulator/audit"
IDS = [control.id for control in CATALOGUE]


def each_control() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("control", CATALOGUE, ids=IDS)


def shown() -> dict[str, set[str]]:
    """The states that the tests' markers name, by control."""
    found: dict[str, set[str]] = {}
    for path in sorted(TESTS.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.control":
                control, *states = [ast.literal_eval(argument) for argument in node.args]
                found.setdefault(control, set()).update(states)
    return found


SHOWN: t.Final = shown()


def test_no_control_is_there_twice() -> None:
    assert len(set(IDS)) == len(IDS)


def test_no_option_is_there_twice() -> None:
    names = [option.name for option in options()]
    assert len(set(names)) == len(names)


def test_every_file_of_a_control_is_in_the_catalogue() -> None:
    files = {path.stem.strip("_").replace("_", "-").upper() for path in FOLDER.glob("*/_*.py") if path.stem != "_family"}
    assert files == set(IDS)


@each_control()
def test_a_control_is_in_the_file_of_its_name(control: Control) -> None:
    name = f"_{control.id.lower().replace('-', '_')}"
    (path,) = FOLDER.glob(f"*/{name}.py")
    base = "ansible_collections.lightsout.bmc.plugins.module_utils._audit._controls"
    assert importlib.import_module(f"{base}.{path.parent.name}.{name}").CONTROL is control


@each_control()
def test_a_control_is_shown_failing_and_passing_on_a_simulated_bmc(control: Control) -> None:
    states = SHOWN.get(control.id, set())
    if "only_manual" in states:
        # IPMI cannot show it, or it can never pass. The test of that marker says so.
        assert states <= {"only_manual", "never_passes", "fail"}
    else:
        assert {"fail", "pass"} <= states


def test_markers_name_controls_of_the_catalogue() -> None:
    assert set(SHOWN) <= set(IDS)


@each_control()
def test_texts_are_sentences_that_fit_a_report(control: Control) -> None:
    assert control.title[0].isupper() and not control.title.endswith(".")
    assert len(control.title) <= 80
    assert control.rationale.endswith(".") and control.remedy.how.endswith(".")
    for text in (control.title, control.rationale, control.expected, control.remedy.how, control.remedy.disturbs):
        assert "\n" not in text and "  " not in text


def test_each_profile_holds_those_before_it() -> None:
    mild, middle, strict = ({control.id for control in chosen(profile, [])} for profile in Profile)
    assert mild < middle < strict == set(IDS)


@pytest.mark.parametrize("option", list(options()), ids=lambda option: option.name)
def test_an_option_of_the_policy_is_described(option: t.Any) -> None:
    assert option.spec.get("type")
    assert "default" not in option.spec
    assert option.description.endswith(".")
