# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""What can go wrong with a BMC, as one tree of exceptions.

Everything below the module layer raises one of these. They are turned into
Ansible's results in one place, `_module.py`. A message names the operation and
what to do; the BMC's address is put in front of it by whoever knows it.
"""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import Command
    from ansible_collections.lightsout.bmc.plugins.module_utils._settings._engine import Progress

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._completion import (
    Outcome,
    advice,
    classify,
    meaning,
)


class BmcError(Exception):
    """The root of the tree.

    `reason` is a word that playbooks may branch on; it never changes between releases.
    """

    reason: t.ClassVar[str] = "failed"
    #: What had been written before it went wrong; None where nothing is ever written.
    progress: Progress | None = None

    def facts(self) -> dict[str, t.Any]:
        """What a result tells besides the message."""
        return {"reason": self.reason}


class MissingLibrary(BmcError):
    """pyghmi cannot be imported where this code runs."""

    reason = "missing_library"


class BadOption(BmcError):
    """An option's value cannot be right, whatever the BMC. Found before anything is sent."""

    reason = "bad_option"


class NameNotResolved(BmcError):
    """The BMC's name has no address."""

    reason = "name_not_resolved"


class Unreachable(BmcError):
    """Nothing answers, or the way there is closed."""

    reason = "unreachable"


class SessionLost(Unreachable):
    """The BMC answered at first and then no longer."""

    reason = "session_lost"


class AnswerLost(BmcError):
    """A request that changes something got no answer: it may or may not have been carried out."""

    reason = "answer_lost"


class LoginRefused(BmcError):
    """Wrong user, password or Kg. Final: trying again may lock the account."""

    reason = "login_refused"


class PrivilegeRefused(LoginRefused):
    """The account may not have the privilege that was asked for."""

    reason = "privilege_refused"


class NoSessionSlot(BmcError):
    """The BMC has no free session slot."""

    reason = "no_session_slot"


class DriverUnavailable(BmcError):
    """In band: the operating system's IPMI driver, its device or the right to open it is missing."""

    reason = "driver_unavailable"


class MalformedAnswer(BmcError):
    """The BMC's answer does not have the form that the specification gives."""

    reason = "malformed_answer"


class NotVerified(BmcError):
    """The BMC accepted a write and its state is not what was written."""

    reason = "not_verified"


class WouldLockOut(BmcError):
    """The task would cut off the account that it uses, and does not say that this is meant."""

    reason = "would_lock_out"


class Restored(BmcError):
    """A change cut the connection for new sessions; the old value was put back."""

    reason = "restored"


class NotReached(BmcError):
    """The desired state was accepted but not reached within the time given."""

    reason = "timeout"


class NotNow(BmcError):
    """The task cannot be done in the state that the host is in."""

    reason = "not_now"


class Unsupported(BmcError):
    """The BMC lacks something that the task asks for."""

    reason = "unsupported"


class CompletionError(BmcError):
    """The BMC refused a command: a completion code other than 00h."""

    reason = "refused"

    def __init__(self, command: Command, code: int, *, about: str | None = None) -> None:
        self.command = command
        self.code = code
        self.about = about
        super().__init__(self._text())

    @property
    def outcome(self) -> Outcome:
        """What kind of refusal this is."""
        return classify(self.command, self.code)

    def _text(self) -> str:
        what = f"{self.about}: " if self.about else ""
        text = f"{what}{self.command} was refused with completion code 0x{self.code:02X} ({meaning(self.command, self.code)})"
        hint = advice(self.command, self.code)
        return f"{text}. {hint}" if hint else text

    def facts(self) -> dict[str, t.Any]:
        return {
            "reason": self.reason,
            "command": str(self.command),
            "completion_code": f"0x{self.code:02X}",
        }


class ConsoleRefused(CompletionError):
    """The BMC does not open the host's serial console to this session."""

    reason = "console_refused"


class ConsoleHeld(ConsoleRefused):
    """Another session has the console (80h). It is never taken from it here."""

    reason = "console_held"


class ConsoleDisabled(ConsoleRefused):
    """Serial over LAN is disabled on the channel or for the account (81h)."""

    reason = "console_disabled"


class ConsoleLimit(ConsoleRefused):
    """As many consoles are open as the BMC can have (82h)."""

    reason = "console_limit"


class ConsoleEncryption(ConsoleRefused):
    """The BMC opens its console only without encryption (83h), or only with it (84h)."""

    reason = "console_encryption"


class ConsoleLost(BmcError):
    """The console was open here, and the BMC has ended that or given it to another session."""

    reason = "console_lost"

    def __init__(self, text: str, *, told: bool = False) -> None:
        """`told`: the BMC has said so by itself, so it has just happened."""
        super().__init__(text)
        self.told = told


class ConsoleUnavailable(BmcError):
    """The console is open, and the BMC does not pass characters on to the host."""

    reason = "console_unavailable"


#: Outcomes that mean "this BMC does not have that", both when reading and when writing.
NOT_THERE: t.Final = frozenset({Outcome.UNSUPPORTED, Outcome.ABSENT})
