# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module's documentation is its argument spec's, and wrong options are refused before a port is opened."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.lightsout.bmc.plugins.modules.console_marker import SPEC, main
from tests.unit.plugins.documented import as_documented, as_specified, options


def test_the_documentation_says_what_the_spec_says() -> None:
    assert as_specified(options("console_marker")) == as_documented(SPEC)


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ({"nonce": "a.*b"}, "letters and digits"),
        ({"nonce": "abc"}, "4 to 64"),
        ({"nonce": "abcd", "seconds": 601}, "seconds is 601"),
        ({"nonce": "abcd", "seconds": -1}, "seconds is -1"),
        ({"nonce": "abcd", "interval": 0}, "interval is 0"),
    ],
)
def test_wrong_options_are_refused(args: dict[str, t.Any], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with patch_module_args({"root": "/nonexistent", **args}), pytest.raises(SystemExit):
        main()
    result = json.loads(capsys.readouterr().out)
    assert result["failed"] and told in result["msg"]
