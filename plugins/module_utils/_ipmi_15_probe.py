# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Asks a BMC whether logins of IPMI 1.5 begin, and goes no further (IPMI 2.0, 22.13 and 22.16).

The name of an account is sent, in clear as every login does; no password, and nothing that is made of
one. No session slot is taken: a BMC forgets a challenge that nobody answers.
"""

from __future__ import annotations

import select
import socket
import time
import typing as t
from dataclasses import dataclass

from ansible_collections.lightsout.bmc.plugins.module_utils._errors import Unreachable
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._channel import (
    PRESENT_CHANNEL,
    AuthCapabilities,
    auth_capabilities_request,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import (
    GET_CHANNEL_AUTH_CAPABILITIES,
    GET_SESSION_CHALLENGE,
    Command,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._completion import meaning
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._rmcp_15 import Answer, answer_in, challenge_request, request_packet
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import MASK_TYPES, AuthType, Privilege
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._wire import MalformedData
from ansible_collections.lightsout.bmc.plugins.module_utils._suite_probe import connected

#: Seconds before the first repetition, and by how much each further wait grows.
_FIRST_RESEND, _RESEND_GROWTH = 0.4, 2.0
#: The BMC is known to be alive, so silence shows sooner than the time for a request.
_LONGEST_WAIT: t.Final = 2.0
_LONGEST_DATAGRAM: t.Final = 512


@dataclass(frozen=True)
class Login15:
    """What a BMC answers to the first two messages of a login of IPMI 1.5."""

    capabilities: AuthCapabilities | None  #: None: it does not tell
    codes: t.Mapping[AuthType, int | None]  #: completion code of the challenge; None: no answer

    @property
    def granted(self) -> list[AuthType]:
        """The types for which it gave a challenge, so that whoever knows the password can log in."""
        return [kind for kind, code in self.codes.items() if code == 0]

    @property
    def answers(self) -> bool:
        """Whether it answers packets of IPMI 1.5 at all."""
        return self.capabilities is not None or any(code is not None for code in self.codes.values())


def outcome(code: int | None) -> str:
    """What came of asking for a challenge, in words."""
    if code is None:
        return "no answer"
    return "a challenge" if code == 0 else f"refused with 0x{code:02X} ({meaning(GET_SESSION_CHALLENGE, code)})"


def probe_15(host: str, port: int, name: str, timeout: float) -> Login15:
    """Ask for the capabilities and for a challenge of each type; `name` is that of an account.

    Raises NameNotResolved, Unreachable, and ValueError for a name that IPMI cannot have.
    """
    capabilities = auth_capabilities_request(PRESENT_CHANNEL, Privilege.ADMINISTRATOR)
    questions: list[tuple[Command, bytes]] = [(GET_CHANNEL_AUTH_CAPABILITIES, capabilities)]
    kinds = sorted(MASK_TYPES)
    questions += [(GET_SESSION_CHALLENGE, challenge_request(kind, name)) for kind in kinds]
    with connected(host, port) as sock:
        answers = _answers(sock, questions, min(timeout, _LONGEST_WAIT))
    codes = {kind: answers[number].code if number in answers else None for number, kind in enumerate(kinds, 1)}
    return Login15(_capabilities(answers.get(0)), codes)


def _capabilities(answer: Answer | None) -> AuthCapabilities | None:
    if answer is None or answer.code:
        return None
    try:
        return AuthCapabilities.from_wire(answer.data)
    except MalformedData:
        # It does not tell in a form that could be judged.
        return None


def _answers(sock: socket.socket, questions: t.Sequence[tuple[Command, bytes]], timeout: float) -> dict[int, Answer]:
    """Ask all at once, again where no answer came; the answers by the question's number."""
    packets = {number: request_packet(command, data, number) for number, (command, data) in enumerate(questions)}
    answers: dict[int, Answer] = {}
    end, interval = time.monotonic() + timeout, _FIRST_RESEND
    while len(answers) < len(packets) and time.monotonic() < end:
        try:
            for number, packet in packets.items():
                if number not in answers:
                    sock.send(packet)
            _collect(sock, questions, answers, min(end, time.monotonic() + interval))
        except OSError as error:
            raise Unreachable(f"IPMI 1.5 could not be asked for: {error.strerror or error}") from None
        interval *= _RESEND_GROWTH
    return answers


def _collect(sock: socket.socket, questions: t.Sequence[tuple[Command, bytes]], answers: dict[int, Answer], until: float) -> None:
    while len(answers) < len(questions) and select.select([sock], [], [], max(0.0, until - time.monotonic()))[0]:
        packet = sock.recv(_LONGEST_DATAGRAM)
        for command in (GET_CHANNEL_AUTH_CAPABILITIES, GET_SESSION_CHALLENGE):
            answer = answer_in(packet, command)
            if answer is not None and answer.number < len(questions) and questions[answer.number][0] == command:
                answers[answer.number] = answer
