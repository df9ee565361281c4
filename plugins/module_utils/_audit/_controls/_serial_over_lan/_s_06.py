# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""S-06: nobody holds the serial console."""

from __future__ import annotations

import typing as t

from ansible_collections.lightsout.bmc.plugins.module_utils._audit._case import Case, NotAssessed
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._control import Control, Disruption, Fixable, Profile, Remedy, Severity, State, Verdict
from ansible_collections.lightsout.bmc.plugins.module_utils._audit._judging import each
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import CompletionError, MalformedAnswer
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import GET_PAYLOAD_INSTANCE, GET_PAYLOAD_STATUS, GET_SESSION_INFO
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._payload import PayloadInstance, PayloadStatus, instance_request, status_request
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._session_info import SessionInfo, id_request
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import Target
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._user import NAME

#: A BMC that answers so does not tell, whatever it knows.
_SAYS_NOTHING: t.Final = (CompletionError, MalformedAnswer)
#: Nearly every BMC has this one alone.
_FIRST: t.Final = 1
#: The last that Get Payload Instance Info can be asked about.
_LAST: t.Final = 15


def check(case: Case) -> t.Iterable[Verdict]:
    """Get Payload Activation Status; for each active instance Get Payload Instance Info, and Get Session Info of its holder."""
    status = case.reader.read(GET_PAYLOAD_STATUS, status_request(), PayloadStatus.from_wire)
    # The status of some BMCs is wrong, so the first instance is looked at whatever it says.
    instances = sorted(status.active | {_FIRST})
    return each(instances, lambda instance: f"instance {instance}", lambda instance: _judge(case, instance, instance in status.active))


def _judge(case: Case, instance: int, active: bool) -> Verdict:
    if instance > _LAST:
        return Verdict(State.FAIL, "held; the BMC cannot be asked by whom")
    try:
        info = case.reader.read(GET_PAYLOAD_INSTANCE, instance_request(instance), PayloadInstance.from_wire)
    except _SAYS_NOTHING as error:
        if not active:
            return Verdict(State.PASS, "free")
        return Verdict(State.FAIL, f"held; by whom the BMC does not say ({error})")
    if info.is_active:
        return Verdict(State.FAIL, f"held by {_holder(case, info.session_id)}")
    if active:
        raise NotAssessed("the BMC contradicts itself: it says that the instance is active, and that no session has it")
    return Verdict(State.PASS, "free")


def _holder(case: Case, session_id: int) -> str:
    """User and address, as far as the BMC tells them."""
    try:
        session = case.reader.read(GET_SESSION_INFO, id_request(session_id), SessionInfo.from_wire)
    except _SAYS_NOTHING as error:
        return f"session 0x{session_id:08X}, of which the BMC says no more ({error})"
    if not session.user_id:
        return f"session 0x{session_id:08X}, which the BMC does not list: the holder may be gone"
    who = f"user {session.user_id}{_name(case, session.user_id)}"
    # IPv6 has no place in the answer, which is then zero.
    return f"{who} from {session.address}" if session.address is not None and int(session.address) else who


def _name(case: Case, user_id: int) -> str:
    try:
        name = NAME.load(case.reader, Target(user_id=user_id), {}).name
    except _SAYS_NOTHING:
        # The number says enough.
        return ""
    return f" ({name})" if name else ""


CONTROL: t.Final = Control(
    id="S-06",
    title="Nobody holds the serial console",
    severity=Severity.INFO,
    profile=Profile.L1,
    rationale=(
        "Whoever holds the console reads all that the server prints and keeps others out. A session that was forgotten may be logged in as root. "
        "Free means free of Serial over LAN: a maker's own way to the same port does not show."
    ),
    expected="the console is free",
    check=check,
    remedy=Remedy(
        how="Ask the holder to leave it. A console whose holder is gone is freed by an administrator (ipmitool sol deactivate).",
        fixable=Fixable.NONE,
        disruption=Disruption.ACCOUNTS,
        disturbs="the holder, whom some BMCs do not tell",
    ),
    sources=("FreeIPMI, documented defects of boards", "IPMI 2.0, 24.4 and 24.5 (payload status and instance), 22.20 (Get Session Info)"),
)
