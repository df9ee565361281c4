# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""A site's policy for all hosts of a run: checked as a whole, before anything is written.

The roles' variables come in as `site_variables` (the lookup) evaluates them. Out come each host's part of
`ipmi_config`'s document, and everything that is wrong anywhere, each with the hosts that it is about.
"""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.plugin_utils import _audit_controls, _fold_nodes, _site_accounts, _site_network, _site_sol
from ansible_collections.lightsout.bmc.plugins.plugin_utils._site_hosts import Document, Host, Part, Problem, hosts_from

#: Hosts of one problem that are listed one by one; more are a node set.
LISTED: t.Final = 8

#: What each role makes of its variables.
ROLES: t.Final[t.Mapping[str, t.Callable[[t.Sequence[Host]], Part]]] = {
    "bmc_network": _site_network.plan,
    "bmc_accounts": _site_accounts.plan,
    "bmc_sol": _site_sol.plan,
    "bmc_hardening": _audit_controls.plan_hardening,
    "bmc_compliance": _audit_controls.plan_compliance,
}


def site_policy(variables: t.Mapping[str, t.Any], role: str | None = None) -> dict[str, t.Any]:
    """`problems`, one text for each, and `hosts`: the part of `role` for each host of the play.

    Raises ValueError if the variables are not what the lookup gives, or were gathered without `role`.
    """
    hosts = hosts_from(variables)
    roles = list(variables["roles"])
    if role is not None and role not in roles:
        raise ValueError(f"there are no variables of the role {role}; the lookup gathered {', '.join(roles)}")
    problems: list[Problem] = []
    documents: dict[str, Document] = {}
    refused = {host.name for host in hosts if host.refused}
    for name in roles:
        part = ROLES[name](hosts)
        # Values of the wrong kind are told once, by the argument specs.
        problems += [problem for problem in part.problems if problem.host not in refused]
        if name == role:
            documents = dict(part.documents)
    return {"problems": report([*_unreadable(hosts), *problems]), "hosts": documents}


def _unreadable(hosts: t.Sequence[Host]) -> t.Iterator[Problem]:
    """What was wrong before the values were looked at together."""
    for host in hosts:
        if host.in_play:
            for variable, why in host.failed.items():
                yield Problem(host.name, f"{variable} cannot be evaluated: {why}")
            for text in host.refused:
                yield Problem(host.name, text)


def report(problems: t.Sequence[Problem]) -> list[str]:
    """A line for each problem, in the order found; hosts with the same one share a line."""
    hosts: dict[str, list[str]] = {}
    for problem in problems:
        hosts.setdefault(problem.text, []).append(problem.host)
    return [f"{named(list(dict.fromkeys(who)))}: {text}" for text, who in hosts.items()]


def named(hosts: t.Sequence[str]) -> str:
    """The hosts' names: a list of a few, a node set of many."""
    if len(hosts) <= LISTED or _fold_nodes.MISSING is not None:
        return ", ".join(hosts)
    return _fold_nodes.fold(hosts)
