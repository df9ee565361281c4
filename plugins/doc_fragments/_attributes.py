# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This fragment is private to lightsout.bmc: other collections must not use it.

from __future__ import annotations


class ModuleDocFragment:
    """What holds for every module."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Opens a session, reads, writes nothing, and says what would change.
    support: full
  action:
    description: Runs in the controller's own worker process, without SSH and without a copy of the module.
    support: full
  async:
    description: Supports C(async) and C(poll). The ordinary module form runs then.
    support: partial
    details:
      - Say where it runs, with C(delegate_to), for example C(delegate_to=localhost).
  action_group:
    description: Use C(group/lightsout.bmc.ipmi) in C(module_defaults) to set options for all modules at once.
    support: full
    membership:
      - lightsout.bmc.ipmi
"""

    INFO = r"""
options: {}
attributes:
  idempotent:
    description: Never changes anything.
    support: full
  diff_mode:
    description: Has nothing to show.
    support: N/A
"""

    CONFIGURES = r"""
options: {}
attributes:
  idempotent:
    description: The second run changes nothing, and writes nothing.
    support: full
  diff_mode:
    description: Shows the settings before and after, never secrets.
    support: full
"""

    REPORT = r"""
options: {}
attributes:
  check_mode:
    description: Says whether files would change, and writes nothing.
    support: full
  diff_mode:
    description: Has nothing to show.
    support: N/A
  idempotent:
    description: The same findings give the same files, which are not written again.
    support: full
  action:
    description: Runs on the controller.
    support: full
  async:
    description: Does not support C(async).
    support: none
"""

    HOST = r"""
options: {}
attributes:
  action:
    description: Runs on the managed host, as an ordinary module. It needs Python 3.9 there and nothing else.
    support: none
  async:
    description: Supports C(async) and C(poll).
    support: full
"""
