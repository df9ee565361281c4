# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A connection to another host, for tests: it is this machine, and Ansible cannot know."""

from __future__ import annotations

DOCUMENTATION = r"""
name: bastion
short_description: This machine, as if it were another one
description:
  - Runs what it is given on this machine. Unlike C(local), Ansible takes it for a host of its own.
author: lightsout contributors (@lightsout)
"""

from ansible.plugins.connection.local import Connection as LocalConnection


class Connection(LocalConnection):
    """As `local`, under another name."""

    transport = "bastion"
