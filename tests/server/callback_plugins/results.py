# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For tests only: writes down what each task returned, a line of JSON for each."""

from __future__ import annotations

import json
import os
import pathlib
import typing as t

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: results
type: aggregate
short_description: Write down what each task returned
description: For tests only. RESULTS_LOG is the file.
"""


class CallbackModule(CallbackBase):
    """Passes results on."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "results"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._log = pathlib.Path(os.environ["RESULTS_LOG"])

    def _note(self, outcome: str, result: t.Any) -> None:
        line = {"task": result.task_name, "host": result.host.get_name(), "outcome": outcome, "result": result.result}
        with self._log.open("a", encoding="utf-8") as log:
            log.write(json.dumps(line, default=str) + "\n")

    def v2_runner_on_ok(self, result: t.Any) -> None:
        """It did its work."""
        self._note("ok", result)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        """It did not."""
        self._note("failed", result)

    def v2_runner_on_unreachable(self, result: t.Any) -> None:
        """There was nobody to do it."""
        self._note("unreachable", result)
