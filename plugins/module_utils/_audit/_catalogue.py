# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The catalogue: every control, and what the site can say to them."""

from __future__ import annotations

import hashlib
import json
import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._audit import describe
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Control, Option, Profile
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._controls._accounts._family import CONTROLS as ACCOUNTS
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._controls._alerting._family import CONTROLS as ALERTING
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._controls._authentication._family import CONTROLS as AUTHENTICATION
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._controls._channels._family import CONTROLS as CHANNELS
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._controls._cipher_suites._family import CONTROLS as CIPHER_SUITES
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._controls._network._family import CONTROLS as NETWORK
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._controls._platform._family import CONTROLS as PLATFORM
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._controls._serial_over_lan._family import CONTROLS as SERIAL_OVER_LAN
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption

#: In the order of reports.
CATALOGUE: t.Final[tuple[Control, ...]] = (
    *CIPHER_SUITES,
    *AUTHENTICATION,
    *ACCOUNTS,
    *CHANNELS,
    *SERIAL_OVER_LAN,
    *NETWORK,
    *ALERTING,
    *PLATFORM,
)
BY_ID: t.Final[t.Mapping[str, Control]] = {control.id: control for control in CATALOGUE}


def options() -> t.Iterator[Option]:
    """What the site can say, each once."""
    for control in CATALOGUE:
        yield from control.options


def policy_spec() -> dict[str, t.Any]:
    """The module's option `policy`."""
    return {"type": "dict", "options": {option.name: dict(option.spec) for option in options()}}


def secret_options() -> list[str]:
    """Those of them that are secrets."""
    return [option.name for option in options() if option.spec.get("no_log")]


def policy(given: t.Mapping[str, t.Any] | None) -> dict[str, t.Any]:
    """What the site wants, with what holds where it says nothing. Raises BadOption for a value that cannot be."""
    said = given or {}
    for option in options():
        if option.valid is not None and said.get(option.name) is not None:
            option.valid(said[option.name])
    return {option.name: option.default if said.get(option.name) is None else said[option.name] for option in options()}


def chosen(profile: Profile, only: t.Sequence[str]) -> list[Control]:
    """The controls of a profile, or those that are named, whatever their profile. Raises BadOption for an unknown one."""
    unknown = [name for name in only if name not in BY_ID]
    if unknown:
        raise BadOption(f"controls: {', '.join(unknown)} is not in the catalogue")
    return [
        control for control in CATALOGUE if (control.id in only if only else control.profile.rank <= profile.rank)
    ]


def fingerprint() -> str:
    """Twelve hex digits that differ where two catalogues' texts do."""
    texts = json.dumps([describe(control) for control in CATALOGUE], sort_keys=True)
    return hashlib.sha256(texts.encode()).hexdigest()[:12]
