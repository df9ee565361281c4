# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Serial over LAN of all BMCs: rate and security, said once for a group of hosts."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._settings._sol import SOL_SPEC
from ansible_collections.lightsout.bmc.plugins.plugin_utils import _site_hosts as site
from ansible_collections.lightsout.bmc.plugins.plugin_utils._site_hosts import Document, Host, Part, Problem

PREFIX: t.Final = "bmc_sol_"
#: The last serial port that an operating system's console is set up on: COM4, ttyS3.
_LAST_PORT: t.Final = 3


def plan(hosts: t.Sequence[Host]) -> Part:
    """Plan for all hosts; each is for itself."""
    documents: dict[str, Document] = {}
    problems: list[Problem] = []
    for host in hosts:
        if host.in_play:
            wrong: list[str] = []
            with site.noting(wrong):
                documents[host.name] = _document(host)
            problems += [Problem(host.name, text) for text in wrong]
    return Part(documents, problems)


def _document(host: Host) -> Document:
    """What ipmi_config takes: the dictionary bmc_sol, and the single variables over it. Raises ValueError."""
    sol = site.table("bmc_sol", host.get("bmc_sol"))
    site.only_known("bmc_sol", sol, SOL_SPEC)
    for name in SOL_SPEC:
        value = host.get(f"{PREFIX}{name}")
        if value is not None:
            sol[name] = value
    port = host.get(f"{PREFIX}port")
    if port is not None:
        site.whole(f"{PREFIX}port", port, 0, _LAST_PORT)
    sol = site.without_none(sol)
    # Choices are texts; YAML makes a number of a rate.
    sol.update({name: str(sol[name]) for name in sol if name.startswith("bit_rate")})
    # A channel alone is nothing to set.
    document: Document = {"sol": sol} if set(sol) - {"channel"} else {}
    site.check(document)
    return document
