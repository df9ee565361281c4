# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The table of chassis settings (specification 28.2, 28.5, 28.6, 28.8 and 28.9).

All that can be read is in one answer, that of Get Chassis Status. Each part of it is written by a
command of its own.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import BadOption, CompletionError
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _chassis as wire
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._chassis import (
    Button,
    ChassisStatus,
    FrontPanel,
    IdentifyState,
    PowerRestorePolicy,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import (
    ASK_RESTORE_POLICIES,
    CHASSIS_IDENTIFY,
    GET_CHASSIS_STATUS,
    SET_FRONT_PANEL_ENABLES,
    SET_POWER_CYCLE_INTERVAL,
    SET_POWER_RESTORE_POLICY,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._completion import Outcome
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._types import option
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Cut
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import (
    ABSENT_ON_READ,
    CannotTell,
    Missing,
    WriteOnly,
    make_plan,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._planned import Planned, one
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import (
    Instance,
    Parameter,
    Reader,
    Section,
    Setting,
    Target,
    Value,
    cannot_be_put,
)
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._values import choice, integer, name_of

#: Seconds that a timed identify light is on if nothing else is asked for.
DEFAULT_IDENTIFY: t.Final = 15


def status_of(reader: Reader) -> ChassisStatus:
    """Get Chassis Status. Raises CompletionError, MalformedAnswer."""
    return reader.read(GET_CHASSIS_STATUS, b"", ChassisStatus.from_wire)


@dataclass(frozen=True)
class StatusParameter(Parameter):
    """What can only be looked at."""

    title: str = "chassis status"
    order: int = 0
    writable: bool = False

    def load(self, reader: Reader, target: Target, wanted: t.Mapping[str, Value]) -> ChassisStatus:
        return status_of(reader)


@dataclass(frozen=True)
class PolicyParameter(Parameter):
    """Get Chassis Status and Set Power Restore Policy."""

    title: str = "power restore policy"
    order: int = 10

    def load(self, reader: Reader, target: Target, wanted: t.Mapping[str, Value]) -> PowerRestorePolicy:
        policy = status_of(reader).restore_policy
        asked = wanted.get("power_restore_policy")
        if asked is not None and asked is not policy:
            self._check_support(reader, asked)
        if policy is PowerRestorePolicy.UNKNOWN:
            raise WriteOnly(policy)
        return policy

    @staticmethod
    def _check_support(reader: Reader, asked: PowerRestorePolicy) -> None:
        try:
            supported = reader.read(ASK_RESTORE_POLICIES, wire.restore_policy_request(None), wire.supported_policies)
        except CompletionError as error:
            if error.outcome not in (Outcome.INVALID, Outcome.LENGTH):
                raise
            # It does not know the question. The write will show.
            return
        if asked not in supported:
            names = ", ".join(option(policy) for policy in sorted(supported)) or "none"
            raise CannotTell(f"the BMC has no {option(asked)}; it has {names}")

    def store(self, bmc: Bmc, target: Target, new: PowerRestorePolicy, old: PowerRestorePolicy) -> None:
        bmc.request(SET_POWER_RESTORE_POLICY, wire.restore_policy_request(new))


@dataclass(frozen=True)
class Identify:
    """The identify light. How long a timed one has left cannot be read, so it does not count."""

    state: IdentifyState
    seconds: int = field(default=DEFAULT_IDENTIFY, compare=False)  #: 1 to 255


_IDENTIFY_NAMES: t.Final = {"off": IdentifyState.OFF, "timed": IdentifyState.TIMED, "on": IdentifyState.INDEFINITE}


@dataclass(frozen=True)
class IdentifyParameter(Parameter):
    """Get Chassis Status and Chassis Identify."""

    title: str = "identify light"
    order: int = 40

    def load(self, reader: Reader, target: Target, wanted: t.Mapping[str, Value]) -> Identify:
        state = status_of(reader).identify
        if not isinstance(state, IdentifyState):
            # OpenBMC answers a state that the specification does not have.
            raise WriteOnly(Identify(IdentifyState.OFF))
        return Identify(state)

    def store(self, bmc: Bmc, target: Target, new: Identify, old: Identify) -> None:
        if new.state is not IdentifyState.INDEFINITE:
            seconds = new.seconds if new.state is IdentifyState.TIMED else 0
            bmc.request(CHASSIS_IDENTIFY, wire.identify_request(seconds))
            return
        try:
            bmc.request(CHASSIS_IDENTIFY, wire.identify_request(force=True))
        except CompletionError as error:
            if error.outcome not in (Outcome.LENGTH, Outcome.INVALID):
                raise
            # BMCs of IPMI 1.5 know no second byte.
            raise CannotTell(
                f"the BMC cannot leave the light on until it is switched off (completion code 0x{error.code:02X}); "
                "use identify: timed, with identify_seconds up to 255"
            ) from error


_BUTTONS: t.Final = {f"{option(button)}_button": button for button in Button}


@dataclass(frozen=True)
class PanelParameter(Parameter):
    """Get Chassis Status and Set Front Panel Enables, which writes all four buttons at once."""

    title: str = "front panel buttons"
    order: int = 20

    def load(self, reader: Reader, target: Target, wanted: t.Mapping[str, Value]) -> FrontPanel:
        panel = status_of(reader).front_panel
        if panel is not None:
            return panel
        asked = [name for name in _BUTTONS if name in wanted]
        if asked and len(asked) < len(_BUTTONS):
            raise CannotTell("the BMC does not tell its buttons, and takes all four at once: give all four")
        raise WriteOnly(FrontPanel(frozenset(Button), frozenset()))

    def store(self, bmc: Bmc, target: Target, new: FrontPanel, old: FrontPanel) -> None:
        bmc.request(SET_FRONT_PANEL_ENABLES, wire.front_panel_request(new.disabled))


@dataclass(frozen=True)
class IntervalParameter(Parameter):
    """Set Power Cycle Interval. Nothing reads it."""

    title: str = "power cycle interval"
    order: int = 30

    def load(self, reader: Reader, target: Target, wanted: t.Mapping[str, Value]) -> t.NoReturn:
        raise WriteOnly(0)

    def store(self, bmc: Bmc, target: Target, new: int, old: int) -> None:
        bmc.request(SET_POWER_CYCLE_INTERVAL, wire.power_cycle_interval_request(new))


STATUS, POLICY, PANEL = StatusParameter(), PolicyParameter(), PanelParameter()
INTERVAL, IDENTIFY = IntervalParameter(), IdentifyParameter()


def _fact(name: str, get: t.Callable[[ChassisStatus], Value]) -> Setting:
    return Setting(name, STATUS, get=get, put=cannot_be_put, spec={"type": "bool"})


def _button(name: str, button: Button) -> Setting:
    def put(panel: FrontPanel, works: bool) -> FrontPanel:
        rest = panel.disabled - {button}
        return replace(panel, disabled=rest if works else rest | {button})

    return Setting(name, PANEL, get=lambda panel: button not in panel.disabled, put=put, spec={"type": "bool"})


def _shown_identify(light: Identify) -> str:
    return next(name for name, state in _IDENTIFY_NAMES.items() if state is light.state)


CHASSIS: t.Final = Section(
    "chassis",
    (
        Setting(
            "power",
            STATUS,
            get=lambda status: "on" if status.power_on else "off",
            put=cannot_be_put,
            spec={"type": "str", "choices": ["on", "off"]},
        ),
        Setting(
            "power_restore_policy",
            POLICY,
            get=lambda policy: policy,
            put=lambda policy, value: value,
            spec={"type": "str", "choices": ["always_off", "previous", "always_on"]},
            parse=choice(PowerRestorePolicy),
            show=name_of,
        ),
        _fact("power_fault", lambda status: status.power_fault),
        _fact("power_control_fault", lambda status: status.control_fault),
        _fact("power_overload", lambda status: status.overload),
        _fact("interlock", lambda status: status.interlock),
        _fact("intrusion", lambda status: status.intrusion),
        _fact("drive_fault", lambda status: status.drive_fault),
        _fact("fan_fault", lambda status: status.fan_fault),
        *(_button(name, button) for name, button in _BUTTONS.items()),
        Setting(
            "power_cycle_interval",
            INTERVAL,
            get=lambda seconds: seconds,
            put=lambda seconds, value: value,
            spec={"type": "int"},
            parse=integer(0, 255, unit="seconds"),
        ),
        Setting(
            "identify",
            IDENTIFY,
            get=lambda light: light,
            put=lambda light, value: value,
            spec={"type": "str", "choices": ["off", "on", "timed"]},
            parse=lambda given: Identify(_IDENTIFY_NAMES[given]),
            show=_shown_identify,
        ),
    ),
)

INSTANCE: t.Final = Instance(CHASSIS, Target(), "chassis")

#: The options; `identify_seconds` goes with `identify`.
CHASSIS_SPEC: t.Final[dict[str, dict[str, t.Any]]] = {**CHASSIS.argument_spec(), "identify_seconds": {"type": "int"}}


def check_chassis(params: t.Mapping[str, t.Any]) -> dict[str, Value]:
    """The values that chassis options ask for. Raises BadOption for what cannot be, whatever the BMC."""
    wanted = CHASSIS.wanted(params)
    seconds = params.get("identify_seconds")
    if seconds is None:
        return wanted
    if not 1 <= seconds <= 255:
        raise BadOption(f"identify_seconds: {seconds} must be 1 to 255 seconds")
    if params.get("identify") != "timed":
        raise BadOption("identify_seconds: goes with identify: timed only")
    return {**wanted, "identify": replace(wanted["identify"], seconds=seconds)}


def plan_chassis(reader: Reader, params: t.Mapping[str, t.Any]) -> Planned:
    """The chassis."""
    wanted = check_chassis(params)
    fixed = _fixed_buttons(reader, wanted)
    plan = make_plan(reader, INSTANCE, {name: value for name, value in wanted.items() if name not in fixed})
    missing = tuple(Missing(INSTANCE.label, name, "the BMC cannot disable it") for name in fixed)
    return one(Cut(replace(plan, missing=plan.missing + missing)))


def _fixed_buttons(reader: Reader, wanted: t.Mapping[str, Value]) -> list[str]:
    """Buttons that shall be disabled, are not, and cannot be."""
    unwanted = [name for name in _BUTTONS if wanted.get(name) is False]
    if not unwanted:
        return []
    try:
        panel = status_of(reader).front_panel
    except CompletionError as error:
        if error.outcome not in ABSENT_ON_READ:
            raise
        # The plan will say so of every setting.
        return []
    if panel is None:
        return []
    return [name for name in unwanted if _BUTTONS[name] not in panel.can_disable | panel.disabled]
