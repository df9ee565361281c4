# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""Sessions with BMCs. The only file that knows pyghmi.

pyghmi's `simplesession` has no thread, no global loop and survives a fork, which is
why it is used and not pyghmi's default session. What it lacks is added here:
retransmission, a deadline for everything, errors by number instead of by text, and a
session slot that is given back on every path, a refused login included.

`tests/unit/plugins/module_utils/test__session.py` pins what is relied on here.
"""

from __future__ import annotations

import errno
import platform
import random
import select
import socket
import struct
import sys
import threading
import time
import traceback
import typing as t
from dataclasses import dataclass, field

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import LIFELESS, Bmc, Bridge, SolLink
from ansible_collections.lightsout.bmc.plugins.module_utils._connection import LOGIN_SUITES, Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import (
    BmcError,
    DriverUnavailable,
    LoginRefused,
    MissingLibrary,
    NameNotResolved,
    NoSessionSlot,
    PrivilegeRefused,
    Unreachable,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import (
    CLOSE_SESSION,
    GET_DEVICE_ID,
    SET_SESSION_PRIVILEGE,
    Command,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._completion import (
    RMCP_STATUS,
    Outcome,
    classify,
    meaning,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi_driver import DEVICES, refusal, without_device

try:
    from pyghmi.exceptions import IpmiException
    from pyghmi.ipmi import command as _pyghmi_command

    # pyghmi's public way to its session without threads.
    _pyghmi_command.select_simplesession()
    _SimpleSession: t.Any = _pyghmi_command.session.Session
    PYGHMI_IMPORT_ERROR: str | None = None
except ImportError:
    PYGHMI_IMPORT_ERROR = traceback.format_exc()
    _SimpleSession = object

    class IpmiException(Exception):  # type: ignore[no-redef]
        """Stands in for pyghmi's."""


# In band a few files of pyghmi are enough: older ones will do, and what it needs for the network need not be there.
try:
    from pyghmi.ipmi.private import localsession as _localsession

    _LocalSession: t.Any = _localsession.Session
    IN_BAND_IMPORT_ERROR: str | None = None
except ImportError:
    IN_BAND_IMPORT_ERROR = traceback.format_exc()
    _LocalSession = object

#: Datagrams that are looked at after the deadline: a noisy network must not keep a request open.
_LATE_LOOKS = 16
#: Seconds before the first repetition of a request, by how much each further wait grows, and its limit.
_FIRST_RESEND, _RESEND_GROWTH, _LONGEST_RESEND = 0.5, 1.5, 4.0
#: Unanswered proposals of cipher suite 17 after which 3 is proposed: some BMCs drop what they do not know.
_PROPOSALS_OF_SUITE_17 = 2
#: pyghmi's names for the hash of cipher suites 17 and 3.
_SUITE_17, _SUITE_3 = 256, 1
_SUITE_IDS: t.Final = {_SUITE_17: LOGIN_SUITES[0], _SUITE_3: LOGIN_SUITES[1]}
#: How an RMCP packet that carries IPMI begins (table 13-1): version; reserved; no acknowledge wanted, class IPMI.
_RMCP_VERSION, _RMCP_IPMI = b"\x06", b"\xff\x07"
_LONGEST_DATAGRAM = 65535
#: Authentication type of RMCP+ (table 13-8), and the payload type of Serial over LAN (table 13-16).
_RMCP_PLUS, _SOL = 6, 1
#: Seconds that giving the session back may take.
_CLOSE_TIMEOUT = 1.0
#: Seconds between two tries to get a session slot.
_SLOT_PAUSE = 1.0
#: Seconds between two requests to a driver or BMC that is busy in band; neither tells when it no longer is.
_BUSY_PAUSE = 0.2
#: RAKP 3's status byte for "your RAKP 2 does not check": ends the half-open session on the BMC.
_RAKP_INTEGRITY_CHECK_FAILED = 0x0F

_NO_SLOT = frozenset({0x01, 0x0B})
_WRONG_PRIVILEGE = frozenset({0x09, 0x0A})
_WRONG_NAME = frozenset({0x0C, 0x0D})
_STALE_SESSION = 0x02


@dataclass
class _Login:
    """What happened while logging in, by number. pyghmi itself only keeps a text."""

    packets: int = 0  # answers seen
    open_status: int = 0  # status of Open Session's answer
    rakp2_status: int = 0
    rakp4_status: int = 0
    wrong_password: bool = False
    wrong_kg: bool = False
    failed: tuple[Command, int] | None = None  # a command refused while logging in
    kg_given: bool = field(default=False)


class _DeadlinePassed(Exception):
    """No answer in time. Never leaves this file."""


class _LanSession(_SimpleSession):  # type: ignore[misc]
    """pyghmi's session with retransmission and a deadline."""

    # What pyghmi keeps, as far as it is used here.
    socket: t.Any
    seqlun: int
    attemptedhash: int
    ipmiversion: float
    lastpayload: t.Any
    incommand: t.Any
    last_payload_type: t.Any
    sol_handler: t.Callable[[bytearray], None] | None

    def __init__(self, connection: Connection, deadline: float, login: _Login) -> None:
        self._deadline = deadline
        self._resend = True
        self._resend_at = deadline
        self._interval = self._pace = _FIRST_RESEND
        self._late = 0
        self._asked_at = time.monotonic()
        self._repeating = False
        self._aside = False
        self._proposals = 0
        self._ask_again = False
        self._login = login
        try:
            super().__init__(
                bmc=connection.host,
                userid=connection.user.encode(),
                password=connection.password.encode(),
                port=connection.port,
                kg=connection.kg,
                privlevel=int(connection.privilege),
            )
        except BaseException:
            self.close_socket()
            raise

    def close_socket(self) -> None:
        """pyghmi never closes its socket."""
        if self.socket is not None:
            self.socket.close()

    def exchange(
        self, command: Command, data: bytes, *, deadline: float, resend: bool, bridge: Bridge | int | None
    ) -> tuple[int, bytes] | None:
        """One request and its answer; None at the deadline."""
        self._deadline, self._resend, self._interval = deadline, resend, self._pace
        way = Bridge(bridge) if isinstance(bridge, int) else bridge
        target = None if way is None else {"addr": way.address, "channel": way.channel}
        try:
            answer = self.raw_command(command.net_fn, command.code, bridge_request=target, data=data, rslun=command.lun)
        except _DeadlinePassed:
            self._forget_request()
            return None
        except BaseException:
            # Interrupted: what comes next, such as giving the session back, must not wait for this answer.
            self._forget_request()
            raise
        return answer["code"], bytes(answer["data"])

    def _forget_request(self) -> None:
        """Make sure that a late answer is not taken for the answer to the next request."""
        self.lastpayload = None
        self.incommand = False
        self.request_entry.clear()
        self.seqlun = (self.seqlun + 1) & 0x3F

    # Serial over LAN: its packets come and go beside the requests, and have a retransmission of their own.

    def send_sol(self, payload: bytes) -> None:
        """Send a SOL payload, once, whether or not a request is under way.

        pyghmi would keep it until the request has its answer, and take the request's repetition for this payload's.
        """
        request = self.lastpayload, self.last_payload_type
        self.lastpayload, self._aside = None, True
        try:
            self.send_payload(payload=bytearray(payload), payload_type=_SOL, retry=False)
        finally:
            self.lastpayload, self.last_payload_type = request
            self._aside = False

    def await_datagram(self, deadline: float) -> None:
        """Handle the next datagram, if it comes by the deadline."""
        if select.select([self.socket], [], [], max(0.0, deadline - time.monotonic()))[0]:
            self.process_pktqueue()

    # Waiting: pyghmi's own loops wait without end.

    def wait_for_rsp(self, timeout: float | None = None, callout: bool = True) -> None:
        self._await_packet()

    def awaitresponse(self, retry: bool) -> None:
        while retry and self.lastresponse is None and self.logged:
            self._await_packet()

    def _await_packet(self) -> None:
        now = time.monotonic()
        late = now >= self._deadline
        self._late = self._late + 1 if late else 0
        # A process that did not run for a while finds the answer waiting.
        if self._late <= _LATE_LOOKS and select.select([self.socket], [], [], max(0.0, min(self._resend_at, self._deadline) - now))[0]:
            self.process_pktqueue()
        elif late:
            raise _DeadlinePassed
        elif self._resend and self._resend_at <= time.monotonic() < self._deadline:
            self._repeat()

    def process_pktqueue(self) -> None:
        """Handle one datagram, if there is one.

        Handling one may itself wait for further ones. pyghmi's loop then waits, without end, for a
        datagram that was there before; and it stumbles over an empty one.
        """
        try:
            datagram, sender = self.socket.recvfrom(_LONGEST_DATAGRAM, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        if datagram[:1] == _RMCP_VERSION and datagram[2:4] == _RMCP_IPMI:
            if not _is_sol(datagram):  # the BMC sends those when it likes
                self._learn_pace()
            self._handle_ipmi_packet(bytearray(datagram), sockaddr=sender)

    def _learn_pace(self) -> None:
        """How long to wait for an answer before asking again: a slow BMC would never get through a login otherwise,
        because each message that is sent again makes the answer to the one before worthless."""
        waited = time.monotonic() - self._asked_at
        self._pace = min(max(_FIRST_RESEND, 2 * waited, self._pace / 2), _LONGEST_RESEND)
        self._interval = self._pace

    def _repeat(self) -> None:
        self._repeating = True
        try:
            self._send_again()
        finally:
            self._repeating = False

    def _send_again(self) -> None:
        self._interval = min(self._interval * _RESEND_GROWTH, _LONGEST_RESEND)
        context = self.sessioncontext
        if self._ask_again:
            self._ask_again = False
            self._get_channel_auth_cap()
        elif context == "OPENSESSION":
            self._proposals += 1
            if self._proposals >= _PROPOSALS_OF_SUITE_17 and self.attemptedhash == _SUITE_17:
                self.attemptedhash = _SUITE_3
            self._open_rmcpplus_request()
        elif context in ("EXPECTINGRAKP2", "EXPECTINGRAKP4"):
            # Which of the four messages was lost is unknown, and BMCs answer a second
            # RAKP 1 or 3 badly: start over with a new session id.
            self.lastpayload = None
            self._relog()
        elif self.lastpayload:
            # The same request with the same sequence number: the BMC knows it again.
            self.send_payload()
        else:
            self._resend_at = self._deadline

    def _xmit_packet(self, retry: bool = True, delay_xmit: float | None = None, timeout: float | None = None) -> None:
        super()._xmit_packet(retry, delay_xmit, timeout)
        if self._aside:
            return
        jitter = 1 + random.random() / 4
        now = time.monotonic()
        self._resend_at = now + self._interval * jitter
        if not self._repeating:
            self._asked_at = now

    def _initsession(self) -> None:
        super()._initsession()
        # A new session counts its packets anew.
        self.__dict__.pop("remseqnumber", None)

    def _handle_ipmi_packet(self, data: bytearray, sockaddr: t.Any = None, qent: t.Any = None) -> None:
        try:
            super()._handle_ipmi_packet(data, sockaddr=sockaddr, qent=qent)
        except (IndexError, struct.error, ValueError):
            # Cut short or garbled on the way, or a faulty BMC: as good as lost, so it is asked for again.
            return
        self._login.packets += 1

    # Logging in: note why it failed, by number.

    def _got_channel_auth_cap(self, response: dict[str, t.Any]) -> None:
        if response.get("code") == 0xC0:
            # Busy: asked again when the next repetition is due.
            self._ask_again = True
            return
        super()._got_channel_auth_cap(response)

    def _got_rmcp_response(self, data: bytearray) -> t.Any:
        if data[0] == self.rmcptag:
            self._login.open_status = data[1]
            if data[1] in _NO_SLOT:
                # pyghmi would go on with suite 3. That finds no slot either, and where the BMC lacks it, hides why.
                self.attemptedhash = _SUITE_3
        return super()._got_rmcp_response(data)

    def _got_rakp2(self, data: bytearray) -> t.Any:
        if data[0] == self.rmcptag and data[1] != _STALE_SESSION:
            self._login.rakp2_status = data[1]
        result = super()._got_rakp2(data)
        if self.sessioncontext == "FAILED":
            self._login.wrong_password = True
            self._abandon_login()
        return result

    def _abandon_login(self) -> None:
        """Tell the BMC that this login ends here, so that its slot is free at once."""
        self.rmcptag += 1
        message = bytearray([self.rmcptag & 0xFF, _RAKP_INTEGRITY_CHECK_FAILED, 0, 0])
        message += struct.pack("<I", self.pendingsessionid)
        self.lastpayload = None
        self.send_payload(payload=message, payload_type=0x14, retry=False)

    def _got_rakp4(self, data: bytearray) -> t.Any:
        expected = self.sessioncontext == "EXPECTINGRAKP4" and data[0] == self.rmcptag
        if expected and data[1] not in (0, _STALE_SESSION):
            self._login.rakp4_status = data[1]
            self.onlogon({"error": "refused in RAKP 4"})
            return None
        if expected and data[1] == _STALE_SESSION:
            self._relog()
            return None
        result = super()._got_rakp4(data)
        if expected and self.sessioncontext == "EXPECTINGRAKP4" and self.broken:
            self._login.wrong_kg = True
        return result

    def _req_priv_level(self) -> None:
        """Set Session Privilege Level, without pyghmi's silent step down to operator."""
        self.logged = 1
        self.logoutexpiry = None
        while True:
            answer = self.raw_command(netfn=0x06, command=0x3B, data=[self.privlevel])
            code = answer["code"]
            if classify(SET_SESSION_PRIVILEGE, code) not in (Outcome.BUSY, Outcome.INITIALISING):
                break
            select.select([self.socket], [], [], 0.1)
        if code:
            self._login.failed = (SET_SESSION_PRIVILEGE, code)
            self.exchange(CLOSE_SESSION, struct.pack("<I", self.sessionid), deadline=self._deadline, resend=False, bridge=None)
            self.logged = 0
            self.onlogon({"error": "privilege refused"})
            return
        self.logging = False
        self.onlogon({"success": True})


def _is_sol(datagram: bytes) -> bool:
    return len(datagram) > 5 and datagram[4] == _RMCP_PLUS and datagram[5] & 0x3F == _SOL


class _SolLink:
    """Serial over LAN in a session over the network."""

    def __init__(self, session: _LanSession) -> None:
        self._session = session

    def listen(self, arrived: t.Callable[[bytes], None] | None) -> None:
        self._session.sol_handler = None if arrived is None else lambda payload: arrived(bytes(payload))

    def send(self, payload: bytes) -> None:
        try:
            self._session.send_sol(payload)
        except OSError as error:
            raise Unreachable(f"a packet of the console could not be sent: {error.strerror or error}") from None

    def fileno(self) -> int:
        """The session's socket, for those who wait for something else at the same time."""
        return int(self._session.socket.fileno())

    def wait(self, deadline: float) -> None:
        try:
            self._session.await_datagram(deadline)
        except OSError as error:
            raise Unreachable(f"nothing can be received from the console: {error.strerror or error}") from None


class _LanLink:
    """A session over the network."""

    def __init__(self, session: _LanSession) -> None:
        self._session = session
        self._answers = True

    def exchange(
        self, command: Command, data: bytes, *, deadline: float, resend: bool, bridge: Bridge | int | None
    ) -> tuple[int, bytes] | None:
        try:
            answer = self._session.exchange(command, data, deadline=deadline, resend=resend, bridge=bridge)
        except IpmiException as error:
            raise Unreachable(f"{command} could not be sent: {error}") from None
        except OSError as error:
            raise Unreachable(f"{command} could not be sent: {error.strerror or error}") from None
        self._answers = answer is not None
        return answer

    def close(self) -> None:
        """Close Session, confirmed by the BMC where it still answers."""
        session = self._session
        try:
            if session.logged:
                session.exchange(
                    CLOSE_SESSION,
                    struct.pack("<I", session.sessionid),
                    deadline=time.monotonic() + _CLOSE_TIMEOUT,
                    resend=self._answers,
                    bridge=None,
                )
        except (IpmiException, OSError):
            # The way to the BMC is gone: its slot is freed by the BMC's own timeout.
            self._answers = False
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Forget the session on this side."""
        self._session.logged = 0
        self._session.close_socket()

    @property
    def session_id(self) -> bytes | None:
        """The id that the BMC gave the session."""
        return struct.pack("<I", self._session.sessionid)

    @property
    def cipher_suite(self) -> int | None:
        """The suite that the login came to."""
        if self._session.ipmiversion < 2.0:
            return None
        return _SUITE_IDS[self._session.attemptedhash]

    @property
    def sol(self) -> SolLink | None:
        """Only RMCP+ has payloads."""
        return _SolLink(self._session) if self._session.ipmiversion >= 2.0 else None


class _OpenSession(_LocalSession):  # type: ignore[misc]
    """pyghmi's in-band session with a deadline."""

    ipmidev: t.Any = None
    deadline = 0.0

    def __init__(self, device: str) -> None:
        try:
            super().__init__(device)
        except OSError:
            if self.ipmidev is not None:
                # A file that is not the driver's.
                self.ipmidev.close()
            raise

    def await_reply(self) -> None:
        if not select.select([self.ipmidev], [], [], max(0.0, self.deadline - time.monotonic()))[0]:
            raise _DeadlinePassed


class _OpenLink:
    """The operating system's IPMI driver."""

    def __init__(self, device: str) -> None:
        self._device = device
        self._session: _OpenSession | None = _OpenSession(device)

    def exchange(
        self, command: Command, data: bytes, *, deadline: float, resend: bool, bridge: Bridge | int | None
    ) -> tuple[int, bytes] | None:
        """One request and its answer; None at the deadline. The driver itself repeats what the BMC did not take."""
        if bridge is not None:
            raise DriverUnavailable("bridged requests go over the network only: use bmc_interface=lan")
        try:
            answer = self._ask(command, data, deadline)
        except _DeadlinePassed:
            # pyghmi takes whatever comes next for the answer. A device opened anew gets no late answers.
            self.close()
            return None
        except OSError as error:
            # Where the driver is reset or loaded anew, an open device stays dead.
            self.close()
            raise DriverUnavailable(f"{command} could not be passed to the driver: {refusal(self._device, error)}") from None
        return answer["code"], bytes(answer["data"])

    def _ask(self, command: Command, data: bytes, deadline: float) -> dict[str, t.Any]:
        while True:
            if self._session is None:
                self._session = _OpenSession(self._device)
            self._session.deadline = deadline
            try:
                answer: dict[str, t.Any] = self._session.raw_command(command.net_fn, command.code, data=data, rslun=command.lun)
                return answer
            except OSError as error:
                # The driver has taken nothing yet, so a write is not repeated by this.
                if error.errno != errno.EBUSY or time.monotonic() + _BUSY_PAUSE >= deadline:
                    raise
            time.sleep(_BUSY_PAUSE)

    @property
    def session_id(self) -> bytes | None:
        """In band there is no session."""
        return None

    @property
    def cipher_suite(self) -> int | None:
        """In band nothing is encrypted."""
        return None

    @property
    def sol(self) -> SolLink | None:
        """In band there is none: the host would talk to itself."""
        return None

    def close(self) -> None:
        """Close the device."""
        if self._session is not None:
            self._session.ipmidev.close()
            self._session = None

    def abandon(self) -> None:
        """Close the device."""
        self.close()


def open_session(connection: Connection, *, deadline: float | None = None) -> Bmc:
    """Log in. The result is a context manager that gives the session back.

    Silence and a lack of session slots are waited out until `deadline` (a time of `time.monotonic()`,
    by default now + the connection's timeout). A refused login is final.
    Raises Unreachable, NameNotResolved, LoginRefused, PrivilegeRefused, NoSessionSlot, MissingLibrary, DriverUnavailable.
    """
    if deadline is None:
        deadline = time.monotonic() + connection.timeout
    if connection.interface == "open":
        return Bmc(connection, _open_in_band(connection, deadline))
    if PYGHMI_IMPORT_ERROR is not None:
        raise MissingLibrary(
            f"the Python library pyghmi (1.6.19 or newer) is missing where this task runs, for {_python()}: "
            f"{sys.executable} -m pip install pyghmi"
        )
    _resolve(connection, deadline)
    full: NoSessionSlot | None = None
    while True:
        try:
            return Bmc(connection, _LanLink(_log_in(connection, deadline)))
        except NoSessionSlot as error:
            full = error
        except Unreachable as error:
            # It was heard before: too little time was left to hear it again.
            raise full or error from None
        if time.monotonic() + _SLOT_PAUSE >= deadline:
            raise full
        time.sleep(_SLOT_PAUSE)  # the BMC does not tell when a slot becomes free


def _log_in(connection: Connection, deadline: float) -> _LanSession:
    login = _Login(kg_given=connection.kg is not None)
    try:
        return _LanSession(connection, deadline, login)
    except _DeadlinePassed:
        raise _silence(connection, login) from None
    except OSError as error:
        raise Unreachable(f"nothing can be sent there: {error.strerror or error}") from None
    except IpmiException as error:
        raise _refusal(connection, login, str(error)) from None


def _silence(connection: Connection, login: _Login) -> BmcError:
    if login.packets:
        return Unreachable(
            f"the BMC stopped answering while logging in ({connection.timeout:g} seconds, bmc_timeout). "
            "It may be overloaded, or drop the login of an account or cipher suite that it does not like"
        )
    return Unreachable(
        f"no answer on UDP port {connection.port} within {connection.timeout:g} seconds (bmc_timeout). Check the address, "
        "the network between here and there (VLAN, firewall), and that IPMI over LAN is enabled"
    )


def _refusal(connection: Connection, login: _Login, text: str) -> BmcError:
    """Why the login failed, from what was noted. `text` is pyghmi's and the last resort."""
    final = "It was not tried again, because BMCs lock accounts"
    if login.wrong_password:
        return LoginRefused(f"wrong password for user {connection.user!r}. {final}")
    if login.wrong_kg:
        given = "the BMC key bmc_kg is not the BMC's" if login.kg_given else "the BMC has a key Kg and bmc_kg was not given"
        return LoginRefused(f"login refused: {given}. {final}")
    if login.failed is not None:
        command, code = login.failed
        return PrivilegeRefused(
            f"user {connection.user!r} may not have the privilege {connection.privilege.name.lower()}: {command} "
            f"ended with completion code 0x{code:02X} ({meaning(command, code)}). Set bmc_privilege to what the account has"
        )
    status = login.rakp4_status or login.rakp2_status or login.open_status
    if status in _NO_SLOT:
        return NoSessionSlot(
            f"the BMC has no free session (status 0x{status:02X}, {RMCP_STATUS[status]}). "
            "Others hold its slots: 'ipmitool session info all' shows whom; unused ones end after about a minute"
        )
    if status in _WRONG_NAME:
        return LoginRefused(
            f"the BMC does not know user {connection.user!r}, or the user is disabled or locked (status 0x{status:02X}). {final}"
        )
    if status in _WRONG_PRIVILEGE:
        return PrivilegeRefused(
            f"user {connection.user!r} may not log in with privilege {connection.privilege.name.lower()} "
            f"(status 0x{status:02X}). Set bmc_privilege to what the account has. {final}"
        )
    if status:
        known = RMCP_STATUS.get(status, "unknown status")
        return LoginRefused(f"login refused with status 0x{status:02X} ({known}). {final}")
    return LoginRefused(f"login failed: {text}. {final}")


def _resolve(connection: Connection, deadline: float) -> None:
    """Make sure that the name has an address, within the deadline; a resolver can hang for long."""
    outcome: list[OSError | None] = []

    def look_up() -> None:
        try:
            socket.getaddrinfo(connection.host, connection.port, type=socket.SOCK_DGRAM)
            outcome.append(None)
        except (OSError, UnicodeError) as error:
            outcome.append(error if isinstance(error, OSError) else OSError(0, "not a valid name"))

    if _is_address(connection.host):
        return
    worker = threading.Thread(target=look_up, daemon=True)
    worker.start()
    worker.join(max(0.0, deadline - time.monotonic()))
    if not outcome:
        raise NameNotResolved("the name server gave no answer in time (bmc_timeout)")
    if outcome[0] is not None:
        raise NameNotResolved(f"the name has no address: {outcome[0].strerror or outcome[0]}")


def _is_address(host: str) -> bool:
    try:
        socket.getaddrinfo(host, 0, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return False
    return True


def _python() -> str:
    """Which Python this is, for messages."""
    return f"{sys.executable} (Python {platform.python_version()})"


def _open_in_band(connection: Connection, deadline: float) -> _OpenLink:
    """The driver, once the BMC behind it has answered. Raises MissingLibrary, DriverUnavailable, Unreachable."""
    if IN_BAND_IMPORT_ERROR is not None:
        raise MissingLibrary(
            f"the Python library pyghmi is missing on the managed host, for {_python()}. Install the system's package python3-pyghmi, "
            f"or: {sys.executable} -m pip install pyghmi. Another Python that has it is named by ansible_python_interpreter"
        )
    link = _open_driver()
    try:
        _await_bmc(link, connection, deadline)
    except BaseException:
        link.close()
        raise
    return link


def _await_bmc(link: _OpenLink, connection: Connection, deadline: float) -> None:
    """What a login shows over the network: that somebody answers. A BMC that is starting is waited for."""
    said = "it says nothing"
    while (answer := link.exchange(GET_DEVICE_ID, b"", deadline=deadline, resend=True, bridge=None)) is not None:
        code = answer[0]
        if classify(GET_DEVICE_ID, code) not in LIFELESS:
            return
        said = f"the last answer is completion code 0x{code:02X}, {meaning(GET_DEVICE_ID, code)}"
        if time.monotonic() + _BUSY_PAUSE >= deadline:
            break
        time.sleep(_BUSY_PAUSE)
    raise Unreachable(
        f"the IPMI driver of this host is there, and the BMC behind it did not answer within {connection.timeout:g} seconds "
        f"(bmc_timeout): {said}. It may be restarting, or hang; then only its reset button or a power cycle of the chassis helps"
    )


def _open_driver() -> _OpenLink:
    for device in DEVICES:
        try:
            return _OpenLink(device)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise DriverUnavailable(refusal(device, error)) from None
    raise DriverUnavailable(without_device())
