# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For a Python that stands for a managed host's: its /dev/ipmi0 leads to the BMC at LIGHTSOUT_TEST_BMC (host:port).

Python imports this by itself when it starts, where this folder and the checkout are on its path.
"""

from __future__ import annotations

import atexit
import importlib.util
import os

if importlib.util.find_spec("pyghmi") is not None:
    from tests.in_band.driver import Driver, VmDevice

    _host, _colon, _port = os.environ["LIGHTSOUT_TEST_BMC"].rpartition(":")
    _driver = Driver(lambda _path: VmDevice(_host, int(_port)))
    _driver.install()
    # The next process opens it as soon as this one has ended.
    atexit.register(_driver.await_ends)
