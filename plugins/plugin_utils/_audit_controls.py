# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Which controls a role looks at, and whether what the site says of them can be."""

from __future__ import annotations

import collections
import hashlib
import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._catalogue import BY_ID, chosen, policy_spec
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._catalogue import policy as read_policy
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Profile
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._waiver import WAIVERS_SPEC, parse_waivers
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption
from ansible_collections.lightsout.bmc.plugins.plugin_utils import _site_hosts as site
from ansible_collections.lightsout.bmc.plugins.plugin_utils._censor import censor
from ansible_collections.lightsout.bmc.plugins.plugin_utils._site_hosts import Document, Host, Part, Problem

#: What decides for all BMCs at once how the run ends.
_OF_THE_RUN: t.Final = ("bmc_compliance_fail_on", "bmc_compliance_baseline", "bmc_compliance_allow_unaudited")


def audit_controls(profile: str, only: t.Sequence[str] | None = None, skip: t.Sequence[str] | None = None) -> list[str]:
    """The controls of a profile, or `only` these, without those of `skip`. Raises ValueError for what there is not."""
    known = [level.value for level in Profile]
    if profile not in known:
        raise ValueError(f"the profile is {profile!r}; it is one of {', '.join(known)}")
    unknown = [str(name) for name in [*(only or ()), *(skip or ())] if name not in BY_ID]
    if unknown:
        raise ValueError(f"{', '.join(unknown)} is not in the catalogue of controls")
    return [control.id for control in chosen(Profile(profile), only or ()) if control.id not in (skip or ())]


def plan_hardening(hosts: t.Sequence[Host]) -> Part:
    """Checks the variables of bmc_hardening; each host is for itself. What is written follows from the audits only."""
    documents: dict[str, Document] = {host.name: {} for host in hosts if host.in_play}
    return Part(documents, _problems(hosts, "bmc_hardening_"))


def plan_compliance(hosts: t.Sequence[Host]) -> Part:
    """Checks the variables of bmc_compliance, and counts for each host which others have its password."""
    hashes = {host.name: _hash(host.get("bmc_password")) for host in hosts if host.in_play}
    counted = collections.Counter(hashes.values())
    documents = {name: {} if value is None else {"password_shared_with": counted[value] - 1} for name, value in hashes.items()}
    return Part(documents, [*_problems(hosts, "bmc_compliance_"), *_different(hosts)])


def _different(hosts: t.Sequence[Host]) -> t.Iterator[Problem]:
    """What decides for the whole run, and is not the same everywhere: one host's value would silently hold for all."""
    for name in _OF_THE_RUN:
        given = {host.name: str(host.get(name)) for host in hosts if host.in_play}
        values = list(dict.fromkeys(given.values()))
        if len(values) > 1:
            yield from (
                Problem(host, f"{name} is {value!r} here and not everywhere; it holds for the whole run")
                for host, value in given.items()
            )


def _hash(password: t.Any) -> bytes | None:
    """In memory only, so that no list of passwords is."""
    return None if password is None else hashlib.sha256(str(password).encode()).digest()


def _problems(hosts: t.Sequence[Host], prefix: str) -> list[Problem]:
    problems: list[Problem] = []
    for host in hosts:
        if host.in_play:
            wrong: list[str] = []
            _check(host, prefix, wrong)
            problems += [Problem(host.name, text) for text in wrong]
    return problems


def _check(host: Host, prefix: str, wrong: list[str]) -> None:
    profile = host.get(f"{prefix}profile")
    for name in ("controls", "skip"):
        with site.noting(wrong):
            _known_controls(f"{prefix}{name}", host.get(f"{prefix}{name}"))
    if profile is not None:
        with site.noting(wrong):
            audit_controls(str(profile))
    with site.noting(wrong):
        _check_policy(f"{prefix}policy", host.get(f"{prefix}policy"))
    with site.noting(wrong):
        _check_waivers(f"{prefix}waivers", host.get(f"{prefix}waivers"))


def _known_controls(name: str, given: t.Any) -> None:
    unknown = [str(control) for control in site.entries(name, given) if control not in BY_ID]
    if unknown:
        raise ValueError(f"{name}: {', '.join(unknown)} is not in the catalogue of controls")


def _plain(value: t.Any) -> t.Any:
    """The same in Python's own types. Ansible's know where they come from, and checking copies all of that, for each host anew."""
    if isinstance(value, dict):
        return {_plain(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, str) else value


def _check_policy(name: str, given: t.Any) -> None:
    """Raises ValueError; no secret is in its text."""
    policy = _plain(site.table(name, given))
    spec = policy_spec()["options"]
    site.only_known(name, policy, spec)
    validation = ArgumentSpecValidator(spec).validate(policy)
    if validation.error_messages:
        texts = [str(censor(text, validation._no_log_values)) for text in validation.error_messages]
        raise ValueError(f"{name}: {'; '.join(texts)}")
    try:
        read_policy(validation.validated_parameters)
    except BadOption as error:
        raise ValueError(f"{name}: {str(error).removeprefix('policy.')}") from error


def _check_waivers(name: str, given: t.Any) -> None:
    waivers = _plain(site.entries(name, given))
    validation = ArgumentSpecValidator({"waivers": dict(WAIVERS_SPEC)}).validate({"waivers": waivers})
    if validation.error_messages:
        raise ValueError(f"{name}: {'; '.join(validation.error_messages)}")
    try:
        parse_waivers(validation.validated_parameters["waivers"], BY_ID)
    except BadOption as error:
        raise ValueError(f"{name}: {str(error).removeprefix('waivers: ')}") from error
