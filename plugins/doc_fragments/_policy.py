# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This fragment is private to lightsout.bmc: other collections must not use it.

from __future__ import annotations


class ModuleDocFragment:
    """Options about how to write: what if it is not supported, and how it is proved."""

    DOCUMENTATION = r"""
options: {}
"""

    UNSUPPORTED = r"""
options:
  on_unsupported:
    description:
      - What to do about a setting that the task names and the BMC does not have.
      - V(fail) ends the task, before the first write where reading shows it.
      - V(report) does the rest, warns, and lists it in RV(unsupported).
    type: str
    choices: [fail, report]
    default: fail
"""

    PROOF = r"""
options:
  verify_login:
    description:
      - A change that can cut the connection is written last and then proved by a fresh login. If that fails and the
        old session still answers, the old values are put back and the task fails. So they are, over a new session, if
        the BMC has restarted and is still where it was.
      - V(false) leaves the proof out. Only for a change that takes the BMC out of this controller's reach, as it is
        meant to.
    type: bool
    default: true
  verify_timeout:
    description:
      - Seconds that the BMC may take until it answers again after such a change. They begin anew where it answers and falls
        silent again, at most three times.
    type: int
    default: 60
  verify_host:
    description:
      - Where the BMC will answer after the change, if that is neither the new address nor O(bmc_host). For example
        behind address translation, or after a change to DHCP. What is written before the BMC moves is proved where it is.
    type: str
"""

    OWN_ACCOUNT = r"""
options:
  allow_self:
    description:
      - Allow the account that opens the session to be deleted, disabled, demoted or cut off, and its name to be given to
        another slot as well. Without it such a task is refused before anything is written.
    type: bool
    default: false
"""
