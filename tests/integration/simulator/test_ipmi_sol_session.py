# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ipmi_sol_session against the simulated rack; ipmitool and FreeIPMI's ipmiconsole are the other party."""

from __future__ import annotations

import contextlib
import typing as t
from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._connection import Connection
from ansible_collections.lightsout.bmc.plugins.module_utils._console_release import look
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import ACTIVATE_PAYLOAD
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._payload import activate_request
from ansible_collections.lightsout.bmc.plugins.module_utils._local_sockets import Machine
from ansible_collections.lightsout.bmc.plugins.module_utils._session import open_session
from tests.integration.harness import TOOL_TIMEOUT, act, ansible, fields, ipmitool
from tests.integration.person import LEAVE, OPERATIONAL, Person, with_ipmitool
from tests.integration.simulator.conftest import PASSWORD, Rack, Starter, Target

MAKERS: t.Final = ("generic", "idrac9", "idrac6", "openbmc", "supermicro_x14", "megarac_hpe")
#: Who has the console; the module itself uses another account.
HOLDER: t.Final = "jane"
#: What ipmiconsole prints once it has the console.
ESTABLISHED: t.Final = "SOL established"
TAKE: t.Final = {"state": "released", "when_held": "take", "expect_holder": {"user": HOLDER, "address": "127.0.0.1"}}
FREE: t.Final = {"state": "released"}


def somebody(bmc: Target, tool: str = "ipmitool", user: str = HOLDER) -> Person:
    """A person who goes to the console, by ipmitool or FreeIPMI's ipmiconsole."""
    # No suite is there on all makers.
    suite = 3 if bmc.name == "idrac6" else 17
    if tool == "ipmitool":
        return with_ipmitool({**bmc.options, "bmc_user": user}, suite=suite)
    return Person(tool, "-h", f"{bmc.host}:{bmc.rack.port}", "-u", user, "-p", PASSWORD, "-I", str(suite), "--dont-steal")


@contextlib.contextmanager
def console(bmc: Target, tool: str = "ipmitool", user: str = HOLDER) -> t.Iterator[Person]:
    """Somebody has the console."""
    with somebody(bmc, tool, user) as person:
        person.sees(OPERATIONAL if tool == "ipmitool" else ESTABLISHED)
        yield person


def is_answered(person: Person) -> None:
    """The person still has the console: the host answers what is typed."""
    person.types("\r")
    person.sees("login: ")


def is_not_answered(person: Person) -> None:
    """The person has it no more: the program has ended, or nothing comes."""
    with contextlib.suppress(OSError):  # the terminal of a program that has ended
        person.types("\r")
    with pytest.raises(AssertionError, match="did not come"):
        person.sees("login: ", 2)


def leaves(person: Person, tool: str = "ipmitool") -> None:
    """As a person leaves."""
    person.types(LEAVE if tool == "ipmitool" else "\r&.")
    person.leaves()


def deactivations(bmc: Target) -> int:
    """How often the BMC was told to end a console."""
    return int(bmc.rack.status(bmc.name)["by_command"].get("06/49", 0))


def held(bmc: Target) -> bool:
    """The BMC's own view."""
    return bool(bmc.rack.status(bmc.name)["sol"])


def holder_of(result: dict[str, t.Any]) -> dict[str, t.Any]:
    """The one holder in a result."""
    (instance,) = result["console"]["instances"]
    return t.cast("dict[str, t.Any]", instance["holder"])


@pytest.fixture(scope="module")
def makers(start_rack: Starter, network: t.Callable[[], str]) -> Rack:
    """One BMC of each maker, its server switched on, with an account for us and one for the other party."""
    prefix = network()
    accounts = {
        4: {"name": "auditor", "password": PASSWORD, "privilege": "administrator"},
        5: {"name": HOLDER, "password": PASSWORD, "privilege": "administrator"},
    }
    bmcs = [
        {"name": maker, "maker": maker, "address": f"{prefix}.{number}", "source": "static", "users": accounts}
        for number, maker in enumerate(MAKERS, 1)
    ]
    return start_rack({"bmcs": bmcs})


def of(rack: Rack, maker: str) -> Target:
    rack.ask("heal", maker)
    rack.ask("close_sessions", maker)
    rack.ask("power", maker, set="on")
    rack.ask("clear_counters", maker)
    return Target(rack, maker, rack.status(maker)["address"], user="auditor")


@pytest.fixture
def bmc(makers: Rack) -> Target:
    """A plain one."""
    return of(makers, "generic")


@pytest.mark.promise("unchanged")
@pytest.mark.parametrize("options", [{}, FREE, TAKE, {**FREE, "when_held": "wait"}])
def test_a_free_console_is_said_to_be_free_and_left_alone(bmc: Target, options: dict[str, t.Any]) -> None:
    result = act("ipmi_sol_session", {**bmc.options, **options})
    assert (result.get("msg"), result["changed"], result["console"]["state"], result["requests"]) == (None, False, "free", 2)
    assert result["console"] == {
        "state": "free",
        "capacity": 1,
        "instances": [{"instance": 1, "state": "free", "serial_port": 1, "holder": None, "reason": ""}],
    }
    assert deactivations(bmc) == 0 and bmc.sessions() == 0


@pytest.mark.parametrize("tool", ["ipmitool", "ipmiconsole"])
@pytest.mark.parametrize("maker", MAKERS)
def test_who_has_the_console_is_named_and_not_disturbed(makers: Rack, maker: str, tool: str) -> None:
    bmc = of(makers, maker)
    with console(bmc, tool) as person:
        result = act("ipmi_sol_session", bmc.options)
        assert result.get("msg") is None and result["console"]["state"] == "held"
        holder = holder_of(result)
        assert (holder["user"], holder["user_id"], holder["address"]) == (HOLDER, 5, "127.0.0.1")
        assert (holder["ours"], holder["same_account"], holder["stale"]) == (False, False, False)
        # ipmitool has the same view of that session.
        suite = 3 if maker == "idrac6" else 17
        shown = ipmitool(bmc.host, bmc.user, PASSWORD, "session", "info", "handle", str(holder["handle"]), port=bmc.rack.port, suite=suite)
        seen = fields(shown)
        assert (seen["user id"], seen["console ip"], seen["console port"]) == ("5", "127.0.0.1", str(holder["port"]))
        assert act("ipmi_sol_session", {**bmc.options, **FREE})["reason"] == "console_held"
        is_answered(person)
        leaves(person, tool)
    assert act("ipmi_sol_session", bmc.options)["console"]["state"] == "free"
    assert deactivations(bmc) == 1, "the client's own, and none of ours"


@pytest.mark.promise("created", "diff")
@pytest.mark.parametrize("tool", ["ipmitool", "ipmiconsole"])
@pytest.mark.parametrize("maker", MAKERS)
def test_it_is_taken_from_the_expected_holder_who_is_named(makers: Rack, maker: str, tool: str) -> None:
    bmc = of(makers, maker)
    with console(bmc, tool) as person:
        result = act("ipmi_sol_session", {**bmc.options, **TAKE})
        assert (result.get("msg"), result["changed"], result["console"]["state"]) == (None, True, "free")
        assert (result["evicted"]["user"], result["evicted"]["address"]) == (HOLDER, "127.0.0.1")
        assert [f"cut off user 5 ({HOLDER}) from 127.0.0.1" in warning for warning in result["warnings"]] == [True]
        assert result["diff"] == {
            "before": {"instance 1": f"held by user 5 ({HOLDER}) from 127.0.0.1"},
            "after": {"instance 1": "free"},
        }
        assert not held(bmc)
        is_not_answered(person)
    again = act("ipmi_sol_session", {**bmc.options, **TAKE})
    assert (again["changed"], again["evicted"], deactivations(bmc)) == (False, None, 1)


@pytest.mark.parametrize(("maker", "told"), [("generic", True), ("idrac9", False)])
def test_who_is_cut_off_is_told_only_where_the_bmc_does_that(makers: Rack, maker: str, told: bool) -> None:
    bmc = of(makers, maker)
    with console(bmc, "ipmiconsole") as person:
        assert act("ipmi_sol_session", {**bmc.options, **TAKE})["changed"] is True
        if told:
            person.sees("SOL session stolen")
        else:
            is_not_answered(person)
            assert person.there and "stolen" not in person.printed
        # The one who is not told does not know; the BMC does.
        assert act("ipmi_sol_session", bmc.options)["console"]["state"] == "free"


@pytest.mark.parametrize("expected", [{"user": "auditor"}, {"user": HOLDER, "address": "192.0.2.1"}, {"session_id": "0x1"}])
def test_it_is_not_taken_from_anybody_else(bmc: Target, expected: dict[str, str]) -> None:
    with console(bmc) as person:
        result = act("ipmi_sol_session", {**bmc.options, **TAKE, "expect_holder": expected})
        assert result["failed"] and result["reason"] == "console_held"
        assert f"held by user 5 ({HOLDER}) from 127.0.0.1" in result["msg"] and holder_of(result)["user"] == HOLDER
        is_answered(person)
        assert deactivations(bmc) == 0


def test_a_session_by_its_number_can_be_expected(bmc: Target) -> None:
    with console(bmc):
        number = holder_of(act("ipmi_sol_session", bmc.options))["session_id"]
        assert act("ipmi_sol_session", {**bmc.options, **TAKE, "expect_holder": {"session_id": number}})["changed"] is True


@pytest.mark.promise("check_mode")
def test_check_mode_says_who_would_be_cut_off_and_disturbs_nobody(bmc: Target) -> None:
    with console(bmc) as person:
        result = act("ipmi_sol_session", {**bmc.options, **TAKE}, check_mode=True)
        assert (result["changed"], result["evicted"]["user"], result["console"]["state"]) == (True, HOLDER, "free")
        assert "would cut off" in result["warnings"][0]
        waits = act("ipmi_sol_session", {**bmc.options, **FREE, "when_held": "wait"}, check_mode=True)
        assert (waits["changed"], waits["console"]["state"]) == (False, "held") and "would wait" in waits["warnings"][0]
        assert act("ipmi_sol_session", {**bmc.options, **FREE}, check_mode=True)["reason"] == "console_held"
        is_answered(person)
        assert deactivations(bmc) == 0


class TestWaiting:
    """when_held: wait"""

    @pytest.mark.parametrize("tool", ["ipmitool", "ipmiconsole"])
    def test_it_ends_when_the_person_leaves(self, bmc: Target, tool: str) -> None:
        options = {**bmc.options, **FREE, "when_held": "wait", "wait_timeout": 60, "wait_interval": 1}
        with console(bmc, tool) as person, ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(act, "ipmi_sol_session", options)
            while bmc.rack.status(bmc.name)["by_command"].get("06/4A", 0) < 3:
                assert not waiting.done(), waiting.result()
            is_answered(person)
            leaves(person, tool)
            result = waiting.result(TOOL_TIMEOUT)
        assert (result.get("msg"), result["changed"], result["evicted"], result["console"]["state"]) == (None, False, None, "free")
        assert result["waited"] >= 1 and deactivations(bmc) == 1 and bmc.sessions() == 0

    def test_at_the_end_of_the_time_the_holder_is_named(self, bmc: Target) -> None:
        with console(bmc) as person:
            options = {**bmc.options, **FREE, "when_held": "wait", "wait_timeout": 1, "wait_interval": 1}
            result = act("ipmi_sol_session", options)
            assert result["failed"] and result["reason"] == "console_held" and "wait_timeout" in result["msg"]
            assert holder_of(result)["user"] == HOLDER
            is_answered(person)
        assert deactivations(bmc) == 0


class TestOurs:
    """Sessions of our own account and address."""

    @pytest.mark.parametrize("tool", ["ipmitool", "ipmiconsole"])
    def test_one_that_runs_is_not_disturbed(self, bmc: Target, tool: str) -> None:
        with console(bmc, tool, bmc.user) as person:
            result = act("ipmi_sol_session", {**bmc.options, **FREE})
            assert result["failed"] and result["reason"] == "console_held" and "still has UDP port" in result["msg"]
            assert (holder_of(result)["same_account"], holder_of(result)["stale"]) == (True, False)
            is_answered(person)
        assert deactivations(bmc) == 0

    @pytest.mark.parametrize("maker", MAKERS)
    @pytest.mark.parametrize("tool", ["ipmitool", "ipmiconsole"])
    def test_one_that_was_killed_is_told_apart_and_released(self, makers: Rack, maker: str, tool: str) -> None:
        bmc = of(makers, maker)
        with console(bmc, tool, bmc.user) as person:
            person.crash()
            assert held(bmc)
            found = holder_of(act("ipmi_sol_session", bmc.options))
            assert (found["user"], found["same_account"], found["stale"]) == (bmc.user, True, True)
            kept = act("ipmi_sol_session", {**bmc.options, **FREE, "stale": "fail"})
            assert kept["reason"] == "console_held" and held(bmc)
            result = act("ipmi_sol_session", {**bmc.options, **FREE})
            assert (result.get("msg"), result["changed"], result["evicted"]["stale"]) == (None, True, True)
            assert "the run died" in result["warnings"][0] and not held(bmc)

    def test_one_of_another_person_that_was_killed_is_not(self, bmc: Target) -> None:
        with console(bmc) as person:
            person.crash()
            result = act("ipmi_sol_session", {**bmc.options, **FREE})
            assert result["reason"] == "console_held" and holder_of(result)["stale"] is False and held(bmc)

    def test_our_very_own_is_known(self, bmc: Target) -> None:
        options = {"bmc_kg": None, "bmc_privilege": "administrator", "bmc_interface": "lan", **bmc.options}
        with open_session(Connection.from_params(options)) as own:
            own.request(ACTIVATE_PAYLOAD, activate_request())
            (instance,) = look(own, Machine()).instances
            assert instance.holder is not None and instance.holder.ours and instance.holder.user == bmc.user
            seen = holder_of(act("ipmi_sol_session", bmc.options))
            assert (seen["ours"], seen["same_account"], seen["stale"]) == (False, True, False)


class TestSilence:
    """BMCs that tell less."""

    @pytest.mark.parametrize(
        ("refuse", "state", "known"),
        [
            ({"06/4A": 0xCC, "06/4B": 0xCC}, "unknown", None),
            ({"06/4A": 0xCC}, "held", HOLDER),
            ({"06/4B": 0xCC}, "held", None),
        ],
    )
    def test_what_is_not_known_is_not_free(self, bmc: Target, refuse: dict[str, int], state: str, known: str | None) -> None:
        with console(bmc) as person:
            bmc.faults(refuse=refuse)
            result = act("ipmi_sol_session", bmc.options)
            assert (result.get("msg"), result["console"]["state"]) == (None, state)
            assert (holder_of(result) or {}).get("user") == known
            failed = act("ipmi_sol_session", {**bmc.options, **TAKE}, check_mode=True)
            assert failed.get("reason") == (None if known else "console_unknown")
            is_answered(person)
        assert deactivations(bmc) == 0

    @pytest.mark.parametrize("refused", ["06/3D:FF", "06/46", "06/3D"])
    def test_a_holder_who_is_not_named_is_not_the_expected_one(self, bmc: Target, refused: str) -> None:
        with console(bmc) as person:
            bmc.faults(refuse={refused: 0xD4})
            result = act("ipmi_sol_session", {**bmc.options, **TAKE})
            assert result["reason"] == "console_held" and holder_of(result)["user"] is None
            is_answered(person)
        assert deactivations(bmc) == 0

    def test_a_yes_that_does_nothing_is_not_believed(self, bmc: Target) -> None:
        with console(bmc) as person:
            bmc.faults(ignore=["06/49"])
            result = act("ipmi_sol_session", {**bmc.options, **TAKE})
            assert result["failed"] and result["reason"] == "not_verified" and holder_of(result)["user"] == HOLDER
            is_answered(person)

    def test_a_lost_answer_is_not_taken_for_a_failure(self, bmc: Target) -> None:
        with console(bmc):
            bmc.faults(drop_answers=1, drop_answers_on="06/49")
            result = act("ipmi_sol_session", {**bmc.options, **TAKE})
            assert (result.get("msg"), result["changed"], deactivations(bmc)) == (None, True, 1)


@pytest.mark.promise("refused")
def test_a_refusal_names_the_command_and_disturbs_nobody(bmc: Target) -> None:
    with console(bmc) as person:
        bmc.faults(refuse={"06/49": 0xD4})
        result = act("ipmi_sol_session", {**bmc.options, **TAKE})
        assert result["failed"] and result["reason"] == "refused"
        assert (result["command"], result["completion_code"]) == ("Deactivate Payload (06/49)", "0xD4")
        is_answered(person)


@pytest.mark.promise("unreachable")
def test_a_dead_bmc_is_called_unreachable(bmc: Target) -> None:
    result = act("ipmi_sol_session", {**bmc.options, **FREE, "bmc_host": "127.31.250.252", "bmc_timeout": 1})
    assert result["failed"] and result["reason"] == "unreachable"


@pytest.mark.promise("no_secret")
@pytest.mark.parametrize("options", ["state=queried", "state=released"])
def test_no_output_holds_the_password(bmc: Target, tmp_path: t.Any, options: str) -> None:
    hosts = {"all": {"hosts": {"n1": {**bmc.options, "ansible_connection": "local"}}}}
    with console(bmc):
        done = ansible("n1", "-m", "lightsout.bmc.ipmi_sol_session", "-a", options, "-vvvv", inventory=hosts, tmp_path=tmp_path)
    assert HOLDER in done.stdout and PASSWORD not in done.stdout + done.stderr
    assert done.returncode == (0 if options == "state=queried" else 2)


def test_what_cannot_be_meant_is_refused_before_anything_is_sent(bmc: Target) -> None:
    result = act("ipmi_sol_session", {**bmc.options, **FREE, "when_held": "take"})
    assert result["failed"] and result["reason"] == "bad_option" and "expect_holder" in result["msg"]
    assert bmc.rack.status(bmc.name)["datagrams"] == 0
