# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Signals that end the process, put off until what is open has been given back."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import typing as t
from types import FrameType

_SIGNALS: t.Final = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)


class _Ended(BaseException):
    """Unwinds the stack."""


@contextlib.contextmanager
def ending_orderly() -> t.Iterator[None]:
    """Within it, SIGHUP, SIGINT and SIGTERM first leave every context, and then do what they would have done.

    Ansible's workers otherwise end at once, and leave a console held. A second signal meanwhile changes nothing.
    A signal that is ignored, as SIGHUP is after nohup, stays so.
    Outside of the main thread, where there are no signals, nothing is put off.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def unwind(number: int, _frame: FrameType | None) -> None:
        came.append(number)
        if len(came) == 1:
            raise _Ended

    before = {number: signal.signal(number, unwind) for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN}
    try:
        yield
    except _Ended:
        # Its signal is sent once more below.
        pass
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        if came:
            os.kill(os.getpid(), came[0])
            raise SystemExit(128 + came[0])
