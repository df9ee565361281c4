# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module's documentation is its argument spec's, and the ordinary form says where the work is done."""

from __future__ import annotations

import json

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Severity
from ansible_collections.lightsout.bmc.plugins.modules.compliance_report import SPEC, main
from ansible_collections.lightsout.bmc.plugins.plugin_utils._report._gate import LIMITS
from ansible_collections.lightsout.bmc.plugins.plugin_utils._report._run import ENDINGS
from tests.unit.plugins.documented import as_documented, as_specified, options


def test_the_documentation_says_what_the_spec_says() -> None:
    assert as_specified(options("compliance_report")) == as_documented(SPEC)


def test_the_choices_are_those_of_the_catalogue_and_the_writers() -> None:
    assert SPEC["fail_on"]["choices"] == [*(severity.value for severity in Severity), "never"] == list(LIMITS)
    assert SPEC["formats"]["choices"] == SPEC["formats"]["default"] == list(ENDINGS)


def test_as_an_ordinary_module_it_says_where_it_runs(capsys: pytest.CaptureFixture[str]) -> None:
    with patch_module_args({"dest": "reports", "hosts": ["one"]}), pytest.raises(SystemExit):
        main()
    result = json.loads(capsys.readouterr().out)
    assert result["failed"] and "on the controller" in result["msg"]
