# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sessions: what they rely on in pyghmi, and how they do against simulated BMCs on a bad network.

A relay stands between a session and its BMC where single datagrams have to get lost, or must be seen.
"""

from __future__ import annotations

import errno
import inspect
import multiprocessing
import os
import pathlib
import platform
import select
import socket
import sys
import threading
import time
import types
import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from pyghmi.ipmi import command as pyghmi_command
from pyghmi.ipmi.private import constants, localsession, simplesession

from ansible_collections.lightsout.bmc.plugins.module_utils import _session
from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc, Bridge
from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import (
    AnswerLost,
    CompletionError,
    DriverUnavailable,
    LoginRefused,
    MalformedAnswer,
    MissingLibrary,
    NameNotResolved,
    NoSessionSlot,
    PrivilegeRefused,
    SessionLost,
    Unreachable,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import (
    ACTIVATE_PAYLOAD,
    CHASSIS_IDENTIFY,
    GET_CHASSIS_STATUS,
    GET_DEVICE_ID,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import Privilege
from ansible_collections.lightsout.bmc.plugins.module_utils._session import open_session
from tests.in_band.driver import Answer, Driver, ScriptedDevice
from tests.stopwatch import stopwatch
from tests.unit.simulator.process import Running, running

PORT = 6723
#: Loopback addresses of this run alone: two runs at the same time do not meet.
PREFIX = f"127.{47 + os.getpid() // 250 % 50}.{os.getpid() % 250}"
PASSWORD = "Sesam-oeffne-dich"
KG = bytes.fromhex("0102030405")
USERS = {
    2: {"name": "admin", "password": PASSWORD},
    3: {"name": "oper", "password": PASSWORD, "privilege": "operator"},
    4: {"name": "asleep", "password": PASSWORD, "enabled": False},
    5: {"name": "twenty", "password": "twenty-bytes-of-text", "password_size": 20},
}
#: Payload types of RMCP+ (table 13-16), where they stand in a datagram.
SOL, OPEN_REQUEST, RAKP_1, RAKP_2, RAKP_3, RAKP_4 = 0x01, 0x10, 0x12, 0x13, 0x14, 0x15


def connection(number: int = 1, **changed: t.Any) -> Connection:
    options: dict[str, t.Any] = {"host": f"{PREFIX}.{number}", "port": PORT, "user": "admin", "password": PASSWORD, "timeout": 5.0}
    return Connection(**{**options, **changed})


@pytest.fixture(scope="module")
def rack(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Running]:
    """1: plain; 2: with a key Kg; 3: cipher suite 3 only; 4: suite 17 only; 5 to 8: plain."""

    def row(number: int, **more: t.Any) -> dict[str, t.Any]:
        return {"name": f"b{number}", "address": f"{PREFIX}.{number}", "users": USERS, **more}

    def suites(*numbers: int) -> dict[str, t.Any]:
        return {"lan": {"cipher_suites": list(numbers), "cipher_privileges": [4] * len(numbers)}}

    rows = [row(1), row(2, kg=KG.hex()), row(3, personality=suites(3)), row(4, personality=suites(17))]
    rows += [row(number) for number in range(5, 9)]
    with running(tmp_path_factory.mktemp("rack"), {"bmcs": rows}, PORT) as served:
        yield served


@pytest.fixture(autouse=True)
def healthy(request: pytest.FixtureRequest) -> None:
    """Every test begins with healthy BMCs without sessions, if it takes the rack at all."""
    if "rack" in request.fixturenames:
        served: Running = request.getfixturevalue("rack")
        for action in ("heal", "close_sessions", "clear_counters"):
            served.do(action)


def status(rack: Running, number: int = 1) -> dict[str, t.Any]:
    found: dict[str, t.Any] = rack.do("status", bmc=f"b{number}")["bmcs"][f"b{number}"]
    return found


def sessions(rack: Running, number: int = 1) -> int:
    return len(status(rack, number)["sessions"])


class Relay:
    """Passes datagrams on, unless the test says otherwise; keeps those to the BMC."""

    def __init__(self, target: str, port: int = PORT) -> None:
        self.front, self.back = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _unused in range(2))
        self.front.bind(("127.0.0.1", 0))
        self.back.connect((target, port))
        self.sent: list[bytes] = []
        #: Whether a datagram gets through: to the BMC, and from it.
        self.to_bmc: t.Callable[[bytes], bool] = lambda datagram: True
        self.from_bmc: t.Callable[[bytes], bool] = lambda datagram: True
        #: What comes before each answer.
        self.noise: list[bytes] = []
        self._wake, self._stop = socket.socketpair()
        self._thread = threading.Thread(target=self._run)

    @property
    def port(self) -> int:
        return int(self.front.getsockname()[1])

    def payloads(self) -> list[int]:
        """The payload types of RMCP+ datagrams to the BMC, those of the handshake only."""
        return [one[5] & 0x3F for one in self.sent if one[4] == 6 and one[5] & 0x3F >= OPEN_REQUEST]

    def __enter__(self) -> Relay:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.send(b"x")
        self._thread.join()
        for one in (self.front, self.back, self._wake, self._stop):
            one.close()

    def _run(self) -> None:
        client: t.Any = None
        while True:
            ready = select.select([self.front, self.back, self._wake], [], [])[0]
            if self._wake in ready and self.front not in ready:
                return  # with all that was sent before
            if self.front in ready:
                datagram, client = self.front.recvfrom(4096)
                self.sent.append(datagram)
                if self.to_bmc(datagram):
                    self.back.send(datagram)
            if self.back in ready:
                datagram = self.back.recv(4096)
                for one in self.noise:
                    self.front.sendto(one, client)
                if self.from_bmc(datagram):
                    self.front.sendto(datagram, client)

    def connection(self, **changed: t.Any) -> Connection:
        return connection(host="127.0.0.1", port=self.port, **changed)


def first_lost(kind: int, times: int = 1) -> t.Callable[[bytes], bool]:
    """Loses the first datagrams with this payload type."""
    left = [times]

    def passes(datagram: bytes) -> bool:
        if datagram[4] == 6 and datagram[5] & 0x3F == kind and left[0]:
            left[0] -= 1
            return False
        return True

    return passes


def in_session(datagram: bytes) -> bool:
    """An IPMI message inside a session."""
    return datagram[4] == 6 and datagram[5] & 0x3F == 0


def ask(bmc: Bmc) -> str:
    return bmc.device.ipmi_version


class TestContract:
    """What the session relies on in pyghmi. If this fails, pyghmi has changed: look at _session.py."""

    def parameters(self, function: t.Callable[..., t.Any]) -> list[str]:
        return list(inspect.signature(function).parameters)

    def test_the_session_without_threads_is_the_one_in_use(self) -> None:
        assert pyghmi_command.session is simplesession
        assert issubclass(_session._LanSession, simplesession.Session)
        assert issubclass(_session._OpenSession, localsession.Session)

    @pytest.mark.parametrize(
        ("name", "parameters"),
        [
            ("__init__", ["self", "bmc", "userid", "password", "port", "kg", "onlogon", "privlevel", "keepalive"]),
            ("raw_command", ["self", "netfn", "command", "bridge_request", "data", "retry", "delay_xmit", "timeout", "callback", "rslun"]),
            ("wait_for_rsp", ["self", "timeout", "callout"]),
            ("awaitresponse", ["self", "retry"]),
            ("process_pktqueue", ["self"]),
            ("send_payload", ["self", "payload", "payload_type", "retry", "delay_xmit", "needskeepalive", "timeout"]),
            ("onlogon", ["self", "parameter"]),
            ("_initsession", ["self"]),
            ("_xmit_packet", ["self", "retry", "delay_xmit", "timeout"]),
            ("_handle_ipmi_packet", ["self", "data", "sockaddr", "qent"]),
            ("_get_channel_auth_cap", ["self"]),
            ("_got_channel_auth_cap", ["self", "response"]),
            ("_open_rmcpplus_request", ["self"]),
            ("_got_rmcp_response", ["self", "data"]),
            ("_got_rakp2", ["self", "data"]),
            ("_got_rakp4", ["self", "data"]),
            ("_req_priv_level", ["self"]),
            ("_relog", ["self"]),
        ],
    )
    def test_methods(self, name: str, parameters: list[str]) -> None:
        assert self.parameters(getattr(simplesession.Session, name)) == parameters

    def test_methods_of_the_session_in_band(self) -> None:
        assert self.parameters(localsession.Session.__init__) == ["self", "devnode"]
        assert self.parameters(localsession.Session.await_reply) == ["self"]
        assert self.parameters(localsession.Session.raw_command)[:4] == ["self", "netfn", "command", "data"]

    @pytest.mark.parametrize(
        "line",
        [
            # The contexts that a repetition tells apart.
            "self.sessioncontext = 'OPENSESSION'",
            'self.sessioncontext = "EXPECTINGRAKP2"',
            'self.sessioncontext = "EXPECTINGRAKP4"',
            "self.sessioncontext = 'FAILED'",
            # What is set or read here.
            "self.ipmiversion = 2.0",
            "self.attemptedhash = 256",
            "self.attemptedhash == 1",
            "self.rmcptag += 1",
            "self.pendingsessionid = ",
            "self.sessionid = self.pendingsessionid",
            "self.remseqnumber = remseqnumber",
            "self.request_entry = []",
            "self.seqlun",
            "self.incommand = False",
            "self.lastpayload = None",
            "self.lastresponse is None",
            "self.logoutexpiry = None",
            "self.logging = False",
            "self.broken",
            "self.socket = self._assignsocket()",
            # Serial over LAN.
            "self.sol_handler = None",
            "self.sol_handler(payload)",
            "self.last_payload_type = payload_type",
            "self.last_payload_type = None",
        ],
    )
    def test_attributes(self, line: str) -> None:
        source = inspect.getsource(simplesession.Session).replace("\n", " ")
        assert line in source or line.replace("'", '"') in source or line.replace('"', "'") in source

    def test_the_payload_type_of_serial_over_lan(self) -> None:
        assert constants.payload_types["sol"] == SOL


class TestSerialOverLan:
    """SOL payloads beside the requests of a session."""

    #: Activate Payload: SOL, instance 1, encrypted, authenticated. A packet with a character; the host is off.
    ACTIVATE, TYPED, REFUSED = bytes.fromhex("0101C0000000"), b"\x01\0\0\0x", b"\0\x01\0\x60"

    @pytest.mark.parametrize("number", [3, 4])
    def test_both_ways_in_either_cipher_suite(self, rack: Running, number: int) -> None:
        came: list[bytes] = []
        with open_session(connection(number)) as bmc:
            bmc.request(ACTIVATE_PAYLOAD, self.ACTIVATE)
            bmc.sol.listen(came.append)
            bmc.sol.send(self.TYPED)
            assert select.select([bmc.sol], [], [], 5)[0]
            bmc.sol.wait(time.monotonic())
            assert came == [self.REFUSED]
            bmc.sol.listen(None)
            bmc.sol.send(self.TYPED)
            bmc.sol.wait(time.monotonic() + 5)
            assert came == [self.REFUSED]
            assert ask(bmc) == "2.0"

    def test_a_packet_during_a_request_is_handled_at_once_and_the_request_goes_on(self, rack: Running) -> None:
        came: list[bytes] = []
        with Relay(f"{PREFIX}.1") as relay, open_session(relay.connection()) as bmc:
            bmc.request(ACTIVATE_PAYLOAD, self.ACTIVATE)

            def arrived(payload: bytes) -> None:
                came.append(payload)
                if len(came) == 1:
                    bmc.sol.send(b"\0\x01\0\0")

            bmc.sol.listen(arrived)
            bmc.sol.send(self.TYPED)
            relay.from_bmc = first_lost(0)
            answer = bmc.request(GET_CHASSIS_STATUS)
            kinds = [one[5] & 0x3F for one in relay.sent if one[4] == 6][-4:]
            assert kinds == [SOL, 0, SOL, 0]
            assert came == [self.REFUSED]
            assert answer == bmc.request(GET_CHASSIS_STATUS)

    def test_nothing_is_learned_of_the_bmc_s_pace_from_its_console(self, rack: Running) -> None:
        with open_session(connection()) as bmc:
            bmc.request(ACTIVATE_PAYLOAD, self.ACTIVATE)
            session = bmc._link._session  # type: ignore[attr-defined]
            pace = session._pace
            session._asked_at -= 100
            bmc.sol.send(self.TYPED)
            bmc.sol.wait(time.monotonic() + 5)
            assert session._pace == pace

    def test_an_interrupted_request_does_not_hold_up_the_next(self, rack: Running) -> None:
        def interrupt(payload: bytes) -> None:
            raise KeyboardInterrupt

        with open_session(connection()) as bmc:
            bmc.request(ACTIVATE_PAYLOAD, self.ACTIVATE)
            bmc.sol.listen(interrupt)
            bmc.sol.send(self.TYPED)
            with pytest.raises(KeyboardInterrupt):
                bmc.request(GET_CHASSIS_STATUS)
            bmc.sol.listen(None)
            with stopwatch() as watch:
                assert ask(bmc) == "2.0"
            assert watch.seconds < 0.4
        assert sessions(rack) == 0

    def test_waiting_ends_at_the_deadline(self, rack: Running) -> None:
        with open_session(connection()) as bmc:
            with stopwatch() as watch:
                bmc.sol.wait(time.monotonic() + 0.2)
            assert watch.elapsed >= 0.2 and watch.seconds < 1

    def test_a_cut_packet_is_dropped(self, rack: Running) -> None:
        came: list[bytes] = []
        with Relay(f"{PREFIX}.1") as relay, open_session(relay.connection()) as bmc:
            bmc.request(ACTIVATE_PAYLOAD, self.ACTIVATE)
            bmc.sol.listen(came.append)
            relay.noise = [bytes.fromhex("0600FF0706C1"), bytes.fromhex("0600FF0706C1") + bytes(20)]
            bmc.sol.send(self.TYPED)
            for _unused in range(3):
                bmc.sol.wait(time.monotonic() + 5)
            assert came == [self.REFUSED]


class TestLogin:
    """Who gets in, and what the others are told."""

    def test_in_and_out(self, rack: Running) -> None:
        with open_session(connection()) as bmc:
            assert ask(bmc) == "2.0"
            assert sessions(rack) == 1
        assert sessions(rack) == 0
        assert status(rack)["dropped"] == 0

    @pytest.mark.parametrize(("number", "suite"), [(3, 3), (4, 17)])
    def test_with_either_cipher_suite(self, rack: Running, number: int, suite: int) -> None:
        with open_session(connection(number)) as bmc:
            assert ask(bmc) == "2.0"
            assert bmc.cipher_suite == suite

    def test_with_a_password_of_twenty_bytes(self, rack: Running) -> None:
        with open_session(connection(user="twenty", password="twenty-bytes-of-text")) as bmc:
            assert ask(bmc) == "2.0"

    def test_suite_17_that_is_dropped_in_silence_falls_back_to_3(self, rack: Running) -> None:
        with Relay(f"{PREFIX}.1") as relay:
            # The first algorithm of the proposal; 3 is that of suite 17.
            relay.to_bmc = lambda datagram: not (datagram[5] == OPEN_REQUEST and datagram[28] == 3)
            with open_session(relay.connection()) as bmc:
                assert ask(bmc) == "2.0"
            proposals = [one[28] for one in relay.sent if one[4] == 6 and one[5] == OPEN_REQUEST]
        assert proposals == [3, 3, 1]

    def test_wrong_password(self, rack: Running) -> None:
        with Relay(f"{PREFIX}.1") as relay, pytest.raises(LoginRefused, match="wrong password for user 'admin'") as caught:
            open_session(relay.connection(password="wrong"))
        # Once, and the half-open session is given up by a RAKP 3 that says why.
        assert relay.payloads() == [OPEN_REQUEST, RAKP_1, RAKP_3]
        assert relay.sent[-1][16 + 1] == 0x0F
        assert "wrong'" not in str(caught.value).replace("wrong password", "")
        assert sessions(rack) == 0

    @pytest.mark.parametrize("user", ["nobody", "asleep", "ADMIN"])
    def test_a_user_that_may_not(self, rack: Running, user: str) -> None:
        with Relay(f"{PREFIX}.1") as relay:
            with pytest.raises(LoginRefused, match=f"'{user}'.*not tried again"):
                open_session(relay.connection(user=user))
            assert relay.payloads() == [OPEN_REQUEST, RAKP_1]

    def test_with_the_key(self, rack: Running) -> None:
        with open_session(connection(2, kg=KG)) as bmc:
            assert ask(bmc) == "2.0"

    @pytest.mark.parametrize(
        ("kg", "message"), [(None, "has a key Kg and bmc_kg was not given"), (b"another", "bmc_kg is not the BMC's")]
    )
    def test_without_or_with_another_key(self, rack: Running, kg: bytes | None, message: str) -> None:
        with pytest.raises(LoginRefused, match=message):
            open_session(connection(2, kg=kg))

    def test_a_privilege_that_the_user_has_not(self, rack: Running) -> None:
        with pytest.raises(PrivilegeRefused, match="'oper'.*administrator.*bmc_privilege"):
            open_session(connection(user="oper"))
        assert sessions(rack) == 0

    def test_a_lower_privilege(self, rack: Running) -> None:
        with open_session(connection(user="oper", privilege=Privilege.OPERATOR)) as bmc:
            assert ask(bmc) == "2.0"
            assert status(rack)["sessions"][0]["privilege"] == 3

    def test_a_privilege_refused_after_the_login_gives_the_session_back(self, rack: Running) -> None:
        rack.do("faults", bmc="b1", faults={"refuse": {"06/3B": 0x81}})
        with pytest.raises(PrivilegeRefused, match="0x81"):
            open_session(connection())
        assert sessions(rack) == 0

    def test_a_busy_bmc_is_asked_again(self, rack: Running) -> None:
        rack.do("faults", bmc="b1", faults={"busy": 3})
        with open_session(connection()) as bmc:
            assert ask(bmc) == "2.0"


class TestSlowBmc:
    """A BMC that takes longer for an answer than the first repetition waits."""

    def test_it_is_let_in(self, rack: Running) -> None:
        rack.do("faults", bmc="b1", faults={"delay": 0.8})
        with open_session(connection(timeout=15.0)) as bmc:
            assert ask(bmc) == "2.0"
        rack.do("heal", bmc="b1")
        assert sessions(rack) == 0


class TestSlots:
    """BMCs have few session slots."""

    def test_all_taken(self, rack: Running) -> None:
        rack.do("faults", bmc="b1", faults={"slots_taken": 8})
        with stopwatch() as watch, pytest.raises(NoSessionSlot, match="no free session"):
            open_session(connection(timeout=1.9))  # asked a second time after a second, with time for a slow answer
        assert watch.seconds < 2.5

    def test_all_taken_on_a_bmc_that_has_suite_17_only(self, rack: Running) -> None:
        """Its answer to suite 3 would be "no such suite", which is not why."""
        rack.do("faults", bmc="b4", faults={"slots_taken": 8})
        with pytest.raises(NoSessionSlot, match="no free session"):
            open_session(connection(4, timeout=1.9))

    def test_all_taken_on_a_bmc_that_is_not_heard_a_second_time(self, rack: Running, monkeypatch: pytest.MonkeyPatch) -> None:
        rack.do("faults", bmc="b1", faults={"slots_taken": 8})
        monkeypatch.setattr(_session, "_SLOT_PAUSE", 0.0)
        first = _session._log_in

        def log_in(target: Connection, deadline: float) -> t.Any:
            try:
                return first(target, deadline)
            finally:
                rack.do("faults", bmc="b1", faults={"silent": True})

        monkeypatch.setattr(_session, "_log_in", log_in)
        with pytest.raises(NoSessionSlot, match="no free session"):
            open_session(connection(timeout=1.0))
        rack.do("heal", bmc="b1")

    def test_taken_and_then_free(self, rack: Running) -> None:
        rack.do("faults", bmc="b1", faults={"slots_taken": 8})
        timer = threading.Timer(0.3, lambda: rack.do("heal", bmc="b1"))
        timer.start()
        with open_session(connection()) as bmc:
            assert ask(bmc) == "2.0"
        timer.join()

    def test_each_is_given_back_also_after_an_error(self, rack: Running) -> None:
        for _attempt in range(12):  # more than there are
            with pytest.raises(CompletionError), open_session(connection()) as bmc:
                bmc.request(CHASSIS_IDENTIFY, bytes(9))
        assert sessions(rack) == 0

    def test_a_lost_close_is_sent_again(self, rack: Running) -> None:
        with Relay(f"{PREFIX}.1") as relay:
            bmc = open_session(relay.connection())
            ask(bmc)
            left = [1]

            def lose_one(datagram: bytes) -> bool:
                left[0] -= 1
                return left[0] < 0

            relay.to_bmc = lose_one
            bmc.close()
        assert sessions(rack) == 0

    def test_no_socket_is_left_behind(self, rack: Running) -> None:
        def open_files() -> int:
            return len(list(pathlib.Path("/proc/self/fd").iterdir()))

        before = open_files()
        open_session(connection()).close()
        open_session(connection()).abandon()
        for wrong in (connection(password="x"), connection(9, timeout=0.2), connection(user="nobody")):
            with pytest.raises((LoginRefused, Unreachable)):
                open_session(wrong)
        assert open_files() == before


class TestBadNetwork:
    """Loss, noise and silence."""

    @pytest.mark.parametrize("timeout", [0.3, 1.0])
    def test_a_dead_port_costs_the_timeout(self, timeout: float) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
            deaf.bind(("127.0.0.1", 0))
            port = deaf.getsockname()[1]
            with stopwatch() as watch, pytest.raises(Unreachable, match=f"no answer on UDP port {port} within {timeout:g} seconds"):
                open_session(connection(host="127.0.0.1", port=port, timeout=timeout))
            assert timeout <= watch.elapsed and watch.seconds < timeout + 1
            deaf.setblocking(False)
            # A stall may take the time of the repetition.
            first, second = deaf.recv(4096), (deaf.recv(4096) if timeout == 1.0 and not watch.lost else b"")
        assert second in (first, b"")

    def test_a_port_that_is_closed_too(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as short_lived:
            short_lived.bind(("127.0.0.1", 0))
            port = short_lived.getsockname()[1]
        with pytest.raises(Unreachable):
            open_session(connection(host="127.0.0.1", port=port, timeout=0.3))

    @pytest.mark.parametrize("kind", [OPEN_REQUEST, RAKP_1, RAKP_3])
    def test_a_lost_request_of_the_login(self, rack: Running, kind: int) -> None:
        with Relay(f"{PREFIX}.1") as relay:
            relay.to_bmc = first_lost(kind)
            with open_session(relay.connection()) as bmc:
                assert ask(bmc) == "2.0"
        assert sessions(rack) == 0

    @pytest.mark.parametrize("kind", [0x11, RAKP_2])
    def test_a_lost_answer_of_the_login(self, rack: Running, kind: int) -> None:
        with Relay(f"{PREFIX}.1") as relay:
            relay.from_bmc = first_lost(kind)
            with open_session(relay.connection()) as bmc:
                assert ask(bmc) == "2.0"

    def test_a_lost_last_answer_of_the_login(self, rack: Running) -> None:
        """The BMC then counts the session as open: it ends by itself, and the new login does not wait for it."""
        with Relay(f"{PREFIX}.1") as relay:
            relay.from_bmc = first_lost(RAKP_4)
            with open_session(relay.connection()) as bmc:
                assert ask(bmc) == "2.0"
        assert sessions(rack) <= 1

    def test_a_lossy_network(self, rack: Running) -> None:
        rack.do("faults", bmc="b1", faults={"loss": 15.0, "seed": 4711})
        with open_session(connection(timeout=15.0)) as bmc:
            for _request in range(10):
                bmc.request(GET_CHASSIS_STATUS)

    def test_a_repeated_request_is_the_same_request(self, rack: Running) -> None:
        with Relay(f"{PREFIX}.1") as relay, open_session(relay.connection()) as bmc:
            lost = [True]

            def lose_one(datagram: bytes) -> bool:
                return not (in_session(datagram) and lost and lost.pop())

            relay.from_bmc = lose_one
            bmc.request(GET_DEVICE_ID)
            assert status(rack)["repeated"] == 1

    def test_a_write_is_sent_once(self, rack: Running) -> None:
        with Relay(f"{PREFIX}.1") as relay, open_session(relay.connection(timeout=2.0)) as bmc:
            relay.from_bmc = lambda datagram: False
            before = len(relay.sent)
            with pytest.raises(AnswerLost):
                bmc.request(CHASSIS_IDENTIFY, b"\0")
            assert len(relay.sent) == before + 1
            relay.from_bmc = lambda datagram: True
            assert ask(bmc) == "2.0"

    def test_a_late_answer_is_not_taken_for_that_of_the_next_request(self, rack: Running) -> None:
        with Relay(f"{PREFIX}.1") as relay, open_session(relay.connection(timeout=1.0)) as bmc:
            kept: list[bytes] = []

            def keep(datagram: bytes) -> bool:
                kept.append(datagram)
                return False

            relay.from_bmc = keep
            with pytest.raises(SessionLost):
                bmc.request(GET_CHASSIS_STATUS)
            relay.from_bmc = lambda datagram: True
            relay.noise = kept
            assert ask(bmc) == "2.0"

    def stall(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """This process does not run from the next request's sending until long after its deadline."""
        await_packet, lost = _session._LanSession._await_packet, [0.0]

        def stalled(session: t.Any) -> None:
            if not lost[0]:
                assert select.select([session.socket], [], [], 5)[0], "the BMC answers meanwhile"
                lost[0] = 100.0
            await_packet(session)

        clock = types.SimpleNamespace(monotonic=lambda: time.monotonic() + lost[0], sleep=time.sleep)
        monkeypatch.setattr(_session, "time", clock)
        monkeypatch.setattr(_session._LanSession, "_await_packet", stalled)

    def test_an_answer_that_came_while_this_process_was_stopped_is_taken(self, rack: Running, monkeypatch: pytest.MonkeyPatch) -> None:
        with open_session(connection()) as bmc, monkeypatch.context() as patch:
            self.stall(patch)
            assert ask(bmc) == "2.0"

    def test_noise_that_came_meanwhile_keeps_no_request_open(self, rack: Running, monkeypatch: pytest.MonkeyPatch) -> None:
        with Relay(f"{PREFIX}.1") as relay, open_session(relay.connection()) as bmc:
            relay.from_bmc = lambda datagram: False
            relay.noise = [b"\x06\x00\xff\x07noise"] * 100
            with monkeypatch.context() as patch:
                self.stall(patch)
                with pytest.raises(SessionLost):
                    ask(bmc)
            relay.noise, relay.from_bmc = [], lambda datagram: True

    def test_silence_in_the_middle_costs_the_timeout(self, rack: Running) -> None:
        with open_session(connection(timeout=1.0)) as bmc:
            rack.do("faults", bmc="b1", faults={"silent": True})
            with stopwatch() as watch, pytest.raises(SessionLost, match="within 1 seconds"):
                ask(bmc)
            assert watch.elapsed >= 1.0 and watch.seconds < 1.9
            rack.do("heal", bmc="b1")

    def test_garbage_is_ignored(self, rack: Running) -> None:
        with Relay(f"{PREFIX}.1") as relay:
            relay.noise = [
                b"x",
                b"\x06\x00\xff\x07",
                b"\x06\x00\xff\x07\x06",
                b"\x06\x00\xff\x07\x06\xc0" + bytes(10),
                b"\x06\x00\xff\x07\x06\x11" + bytes(12),
                b"\x06\x00\xff\x07\x00" + bytes(3),
                b"\x06\x00\xff\x06" + bytes(8),
                bytes(200),
                b"",
            ]
            with open_session(relay.connection()) as bmc:
                assert ask(bmc) == "2.0"
                assert bmc.request(GET_CHASSIS_STATUS)

    @pytest.mark.parametrize("mangle", ["truncated", "short"])
    def test_an_authentic_answer_that_is_cut_short_is_malformed(self, rack: Running, mangle: str) -> None:
        with open_session(connection()) as bmc:
            rack.do("faults", bmc="b1", faults={"mangle": mangle, "mangle_count": 1})
            with pytest.raises(MalformedAnswer, match="Get Device ID"):
                ask(bmc)
            assert ask(bmc) == "2.0"

    @pytest.mark.parametrize("mangle", ["checksum", "garbage", "sequence", "long"])
    def test_answers_that_are_damaged_count_as_lost(self, rack: Running, mangle: str) -> None:
        with open_session(connection()) as bmc:
            rack.do("faults", bmc="b1", faults={"mangle": mangle, "mangle_count": 1})
            assert ask(bmc) == "2.0"

    def test_answers_that_come_twice(self, rack: Running) -> None:
        rack.do("faults", bmc="b1", faults={"duplicate": True})
        with open_session(connection()) as bmc:
            for _request in range(5):
                assert ask(bmc) == "2.0"
                bmc.request(GET_CHASSIS_STATUS)


class TestNames:
    """Finding the address must not take longer than the BMC may take."""

    def test_a_name_server_that_hangs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        over = threading.Event()
        real = socket.getaddrinfo

        def hang(host: str, *args: t.Any, **options: t.Any) -> t.Any:
            if options.get("flags") == socket.AI_NUMERICHOST:
                return real(host, *args, **options)
            over.wait()
            raise OSError("too late")

        monkeypatch.setattr(socket, "getaddrinfo", hang)
        with stopwatch() as watch, pytest.raises(NameNotResolved, match="no answer in time"):
            open_session(connection(host="bmc.example", timeout=0.3))
        assert watch.seconds < 1.3
        over.set()

    def test_a_name_without_an_address(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def unknown(*args: t.Any, **options: t.Any) -> t.Any:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", unknown)
        with pytest.raises(NameNotResolved, match="Name or service not known"):
            open_session(connection(host="bmc.example"))

    @pytest.mark.parametrize("host", ["a" * 70 + ".example", "bmc..example"])
    def test_a_name_that_is_none(self, host: str) -> None:
        with pytest.raises(NameNotResolved):
            open_session(connection(host=host, timeout=3.0))

    def test_a_name(self, rack: Running, monkeypatch: pytest.MonkeyPatch) -> None:
        real = socket.getaddrinfo

        def resolve(host: str, *args: t.Any, **options: t.Any) -> t.Any:
            known = f"{PREFIX}.1" if host == "bmc.example" and options.get("flags") != socket.AI_NUMERICHOST else host
            return real(known, *args, **options)

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        with open_session(connection(host="bmc.example")) as bmc:
            assert ask(bmc) == "2.0"


class TestProcesses:
    """Ansible's workers are forks; discovery uses threads."""

    def test_after_a_fork(self, rack: Running) -> None:
        with open_session(connection()) as bmc:
            ask(bmc)
        reading, writing = multiprocessing.Pipe(duplex=False)

        def child() -> None:
            with open_session(connection(5)) as bmc:
                writing.send(ask(bmc))

        worker = multiprocessing.get_context("fork").Process(target=child)
        worker.start()
        assert reading.poll(60)
        assert reading.recv() == "2.0"
        worker.join(10)
        assert worker.exitcode == 0
        assert sessions(rack, 5) == 0

    def test_twenty_threads(self, rack: Running) -> None:
        def visit(number: int) -> str:
            with open_session(connection(5 + number % 4, timeout=10.0)) as bmc:
                bmc.request(GET_CHASSIS_STATUS)
                return ask(bmc)

        with ThreadPoolExecutor(20) as pool:
            assert list(pool.map(visit, range(20))) == ["2.0"] * 20
        assert [sessions(rack, number) for number in range(5, 9)] == [0] * 4


class TestAddressing:
    """Where a request goes besides the BMC itself."""

    @pytest.mark.parametrize(
        ("bridge", "target"),
        [
            (None, None),
            (0x72, {"addr": 0x72, "channel": 0}),
            (Bridge(0x72), {"addr": 0x72, "channel": 0}),
            (Bridge(0x30, 7), {"addr": 0x30, "channel": 7}),
        ],
    )
    def test_the_unit_and_the_way_reach_pyghmi(self, bridge: Bridge | int | None, target: dict[str, int] | None) -> None:
        asked: dict[str, t.Any] = {}

        def raw_command(netfn: int, command: int, **options: t.Any) -> dict[str, t.Any]:
            asked.update(options, netfn=netfn, command=command)
            return {"code": 0, "data": b"\x01"}

        session = object.__new__(_session._LanSession)
        session.__dict__.update(raw_command=raw_command, _pace=1.0)
        command = replace(GET_CHASSIS_STATUS, lun=2)
        assert session.exchange(command, b"\x05", deadline=1.0, resend=True, bridge=bridge) == (0, b"\x01")
        assert asked == {"netfn": 0, "command": 1, "data": b"\x05", "rslun": 2, "bridge_request": target}


@pytest.fixture
def in_band(monkeypatch: pytest.MonkeyPatch) -> t.Callable[[Answer], Driver]:
    """A driver in the kernel's place, whose BMC answers as a function says."""

    def build(answer: Answer) -> Driver:
        driver = Driver(lambda _path: ScriptedDevice(answer))
        monkeypatch.setattr(localsession, "open", driver.open, raising=False)
        monkeypatch.setattr(localsession, "fcntl", driver)
        return driver

    return build


def working(net_fn: int, command: int, data: bytes) -> bytes:
    """A BMC that knows Get Device ID and Get Chassis Status."""
    known = {GET_DEVICE_ID: bytes.fromhex("20 81 02 10 02 df 91 12 00 02 0f"), GET_CHASSIS_STATUS: b"\x01\x00\x00"}
    return next((b"\x00" + answer for one, answer in known.items() if (one.net_fn, one.code) == (net_fn, command)), b"\xc1")


OPEN = Connection("", interface="open", timeout=5.0)


class TestInBand:
    """Through the operating system's driver."""

    @pytest.mark.parametrize(
        ("number", "message"),
        [
            (errno.EACCES, "no right to open /dev/ipmi0: use become"),
            (errno.EPERM, "no right to open /dev/ipmi0: use become"),
            (errno.ENOTTY, "/dev/ipmi0 is not the device of the IPMI driver"),
            (errno.ENXIO, "there is no driver behind /dev/ipmi0"),
            (errno.EIO, "/dev/ipmi0 cannot be used: Input/output error"),
        ],
    )
    def test_a_device_that_does_not_open(self, monkeypatch: pytest.MonkeyPatch, number: int, message: str) -> None:
        def refuse(device: str, _mode: str) -> t.NoReturn:
            raise OSError(number, os.strerror(number), device)

        monkeypatch.setattr(localsession, "open", refuse, raising=False)
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        with pytest.raises(DriverUnavailable, match=message):
            open_session(OPEN)

    def test_without_a_device_all_its_places_are_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        tried = []

        def missing(device: str, _mode: str) -> t.NoReturn:
            tried.append(device)
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", device)

        monkeypatch.setattr(localsession, "open", missing, raising=False)
        with pytest.raises(DriverUnavailable, match=r"no IPMI device \(/dev/ipmi0, /dev/ipmi/0, /dev/ipmidev/0\)"):
            open_session(OPEN)
        assert tried == ["/dev/ipmi0", "/dev/ipmi/0", "/dev/ipmidev/0"]

    def test_a_file_that_is_no_device_is_told_and_closed(self, monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
        plain = tmp_path / "ipmi0"
        plain.touch()
        files = []

        def opened(_device: str, mode: str) -> t.Any:
            files.append(plain.open(mode))
            return files[0]

        monkeypatch.setattr(localsession, "open", opened, raising=False)
        with pytest.raises(DriverUnavailable, match="is not the device of the IPMI driver"):
            open_session(OPEN)
        assert files[0].closed

    def test_requests_and_answers_pass(self, in_band: t.Callable[[Answer], Driver]) -> None:
        driver = in_band(working)
        with open_session(OPEN) as bmc:
            assert bmc.request(GET_CHASSIS_STATUS) == b"\x01\x00\x00"
            assert (bmc.session_id, bmc.cipher_suite) == (None, None)
        assert [device.closed for device in driver.opened] == [True]

    def test_a_bmc_that_says_nothing_costs_the_timeout(self, in_band: t.Callable[[Answer], Driver]) -> None:
        driver = in_band(lambda *_request: None)
        silence = r"driver of this host is there, and the BMC behind it did not answer within 0\.3 seconds"
        with stopwatch() as watch, pytest.raises(Unreachable, match=silence):
            open_session(replace(OPEN, timeout=0.3))
        assert watch.elapsed > 0.25 and watch.seconds < 1.5
        assert all(device.closed for device in driver.opened)

    @pytest.mark.parametrize("code", [0xC3, 0xFF, 0xC0, 0xD2])
    def test_what_the_driver_says_for_a_dead_bmc_is_told(self, in_band: t.Callable[[Answer], Driver], code: int) -> None:
        in_band(lambda *_request: bytes([code]))
        with pytest.raises(Unreachable, match=f"the last answer is completion code 0x{code:02X}"):
            open_session(replace(OPEN, timeout=0.3))

    def test_a_bmc_that_is_starting_is_waited_for(self, in_band: t.Callable[[Answer], Driver]) -> None:
        starting = [b"\xd2", b"\xc3"]
        in_band(lambda *request: starting.pop(0) if starting else working(*request))
        with open_session(OPEN) as bmc:
            assert ask(bmc) == "2.0"

    def test_a_read_that_stays_without_answer_ends_with_the_timeout(self, in_band: t.Callable[[Answer], Driver]) -> None:
        in_band(lambda net_fn, command, data: working(net_fn, command, data) if net_fn == GET_DEVICE_ID.net_fn else None)
        with open_session(replace(OPEN, timeout=0.3)) as bmc:
            with stopwatch() as watch, pytest.raises(SessionLost, match="no answer within 0.3 seconds"):
                bmc.request(GET_CHASSIS_STATUS)
            assert watch.seconds < 1.5
            # The BMC is well again, and the next request is not harmed by the one before.
            assert ask(bmc) == "2.0"

    def test_a_late_answer_is_not_taken_for_the_next_requests(self, in_band: t.Callable[[Answer], Driver]) -> None:
        late: list[bool] = [True]

        def answer(net_fn: int, command: int, data: bytes) -> bytes | None:
            if net_fn == GET_CHASSIS_STATUS.net_fn and late:
                late.clear()
                return None
            return working(net_fn, command, data)

        driver = in_band(answer)
        with open_session(replace(OPEN, timeout=0.3)) as bmc:
            first = driver.opened[0]
            with pytest.raises(SessionLost):
                bmc.request(GET_CHASSIS_STATUS)
            assert first.closed
            assert ask(bmc) == "2.0"
            assert bmc.request(GET_CHASSIS_STATUS) == b"\x01\x00\x00"
        assert [device.closed for device in driver.opened] == [True, True]

    def test_a_write_without_answer_is_not_repeated(self, in_band: t.Callable[[Answer], Driver]) -> None:
        asked: list[int] = []

        def answer(net_fn: int, command: int, data: bytes) -> bytes | None:
            asked.append(command)
            return working(net_fn, command, data) if net_fn == GET_DEVICE_ID.net_fn else None

        in_band(answer)
        with open_session(replace(OPEN, timeout=0.5)) as bmc, pytest.raises(AnswerLost):
            bmc.request(CHASSIS_IDENTIFY, b"\x00")
        assert asked.count(CHASSIS_IDENTIFY.code) == 1

    def test_a_busy_driver_is_asked_again(self, in_band: t.Callable[[Answer], Driver]) -> None:
        driver = in_band(working)
        with open_session(OPEN) as bmc:
            driver.failures = [errno.EBUSY, errno.EBUSY]
            assert bmc.request(GET_CHASSIS_STATUS) == b"\x01\x00\x00"
        assert driver.failures == []

    def test_a_driver_that_stays_busy_is_told(self, in_band: t.Callable[[Answer], Driver]) -> None:
        driver = in_band(working)
        driver.failures = [errno.EBUSY] * 100
        with pytest.raises(DriverUnavailable, match="/dev/ipmi0 stayed busy: another program"):
            open_session(replace(OPEN, timeout=0.3))
        assert all(device.closed for device in driver.opened)

    def test_a_driver_that_is_unloaded_meanwhile_is_told(self, in_band: t.Callable[[Answer], Driver]) -> None:
        driver = in_band(working)
        with open_session(OPEN) as bmc:
            driver.failures = [errno.ENODEV]
            with pytest.raises(DriverUnavailable, match=r"Get Chassis Status.* could not be passed to the driver: there is no driver behind"):
                bmc.request(GET_CHASSIS_STATUS)
            # And when it is loaded again, it is used again.
            assert bmc.request(GET_CHASSIS_STATUS) == b"\x01\x00\x00"
        assert [device.closed for device in driver.opened] == [True, True]

    @pytest.mark.parametrize("code", [0xC3, 0xFF, 0xC0, 0xD2])
    def test_the_drivers_word_for_a_bmc_is_no_sign_of_life(self, in_band: t.Callable[[Answer], Driver], code: int) -> None:
        gone: list[bool] = []
        in_band(lambda *request: bytes([code]) if gone else working(*request))
        with open_session(OPEN) as bmc:
            assert bmc.touch(1.0)
            gone.append(True)
            assert not bmc.touch(1.0)

    def test_a_driver_that_refuses_is_no_sign_of_life(self, in_band: t.Callable[[Answer], Driver]) -> None:
        driver = in_band(working)
        with open_session(OPEN) as bmc:
            driver.failures = [errno.ENODEV]
            assert not bmc.touch(1.0)
            assert bmc.touch(1.0)

    def test_bridging_is_refused(self, in_band: t.Callable[[Answer], Driver]) -> None:
        in_band(working)
        with open_session(OPEN) as bmc, pytest.raises(DriverUnavailable, match="bmc_interface=lan"):
            bmc.request(GET_CHASSIS_STATUS, bridge=0x72)

    def test_without_pyghmi_the_message_names_the_package_and_the_python(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_session, "IN_BAND_IMPORT_ERROR", "Traceback ...")
        with pytest.raises(MissingLibrary) as caught:
            open_session(OPEN)
        text = str(caught.value)
        assert all(word in text for word in ("python3-pyghmi", f"{sys.executable} -m pip install pyghmi", platform.python_version()))

    def test_what_only_the_network_needs_may_be_missing(
        self, monkeypatch: pytest.MonkeyPatch, in_band: t.Callable[[Answer], Driver]
    ) -> None:
        in_band(working)
        monkeypatch.setattr(_session, "PYGHMI_IMPORT_ERROR", "No module named 'cryptography'")
        with open_session(OPEN) as bmc:
            assert ask(bmc) == "2.0"


def test_without_pyghmi_the_message_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_session, "PYGHMI_IMPORT_ERROR", "Traceback ...")
    with pytest.raises(MissingLibrary, match="pip install pyghmi"):
        open_session(connection())
