# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For tests only: writes down every program that Ansible and its workers start, with arguments and environment."""

from __future__ import annotations

import os
import sys
import typing as t

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: programs
type: aggregate
short_description: Write down which programs are started
description: For tests only. PROGRAMS_LOG is the file.
"""

#: Python's audit events for starting a program; their arguments hold all that a process list would show.
_STARTS = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system")


class CallbackModule(CallbackBase):
    """Does its work when it is loaded: workers are forked from this process."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "programs"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        log = os.open(os.environ["PROGRAMS_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

        def note(event: str, arguments: tuple[t.Any, ...]) -> None:
            if event in _STARTS:
                os.write(log, f"{event} {arguments!r}\n".encode())

        sys.addaudithook(note)
