# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host behind a BMC: chassis power, its transitions, and what happens at boot.

All times are the clock's, so that a test can drive them. A command that comes while a transition
is on its way takes its place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .clock import Timer
from .registry import Completion

if TYPE_CHECKING:
    from .bmc import Bmc

UP, CYCLE, HARD_RESET, INTERRUPT, SOFT_DOWN = 1, 2, 3, 4, 5
RESTART_CHASSIS_CONTROL = 1
RESTART_ALWAYS_RESTORE = 6
RESTART_PREVIOUS_RESTORE = 7
RESTART_SOFT = 0x0A
LAST_EVENT_BY_IPMI = 0x10
LAST_EVENT_AC_FAILED = 0x01
BOOT_VALID = 0x80
BOOT_PERSISTENT = 0x40
BOOT_EFI = 0x20
POLICY_PREVIOUS, POLICY_ON = 1, 2
HISTORY_LENGTH = 500

BOOT_DEVICES = {
    0: "default",
    1: "network",
    2: "disk",
    3: "safe",
    4: "diagnostic",
    5: "optical",
    6: "setup",
    7: "remote-floppy",
    8: "remote-optical",
    9: "remote-media",
    0x0B: "remote-disk",
    0x0F: "floppy",
}


@dataclass(frozen=True)
class Event:
    """An entry of the power history."""

    at: float  # the clock's seconds
    what: str  # on, off, reset, boot, nmi, shutdown-ignored ...
    detail: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"at": self.at, "what": self.what, "detail": self.detail}


class Power:
    """Chassis power of one host."""

    def __init__(self, bmc: Bmc, on: bool | None = None) -> None:
        self._bmc = bmc
        self._traits = bmc.personality.power
        self.on = self._traits.on if on is None else on
        self.mains = True
        self._was_on = self.on
        self.os_obeys = self._traits.os_obeys
        self.history: list[Event] = []
        self._transition: Timer | None = None
        self._boot: Timer | None = None
        bmc.state.chassis.powered_since = bmc.clock.now() if self.on else None

    # --- what the commands call (Chassis Control, IPMI 28.3)

    def control(self, operation: int, channel: int | None = None) -> None:
        """Chassis Control by its number: 0 down, 1 up, 2 cycle, 3 reset, 4 interrupt, 5 soft."""
        if operation == UP:
            self.set(True, channel)
        elif operation == CYCLE:
            self.cycle(channel)
        elif operation == HARD_RESET:
            self.reset(channel)
        elif operation == INTERRUPT:
            self.diagnostic_interrupt()
        elif operation == SOFT_DOWN:
            self.soft_off()
        else:
            self.set(False, channel)

    def set(self, on: bool, channel: int | None = None) -> None:
        """Power up or down (hard). Raises Completion where the BMC refuses a change to the same."""
        if on == self.on and self._transition is None:
            self._refuse(self._traits.redundant_code)
            self._note("redundant", "on" if on else "off")
            return
        self._stop_boot_timer()
        if on:
            self._begin(self._traits.on_delay, lambda: self._up(channel))
        else:
            self._begin(self._traits.off_delay, lambda: self._down("off"))

    def cycle(self, channel: int | None = None) -> None:
        """Off, the cycle interval, on. D5, as a rule, on a host that is off."""
        if not self.on:
            self._refuse(self._traits.cycle_off_code)
        self._stop_boot_timer()
        interval = self._traits.cycle_interval
        if interval is None:
            interval = float(self._bmc.state.chassis.cycle_interval)

        def off_then_on() -> None:
            self._down("off")
            pause = interval + self._traits.on_delay
            self._begin(pause, lambda: self._up(channel))

        self._begin(self._traits.off_delay, off_then_on)

    def reset(self, channel: int | None = None) -> None:
        """Hard reset; the power stays on."""
        if not self.on:
            self._refuse(self._traits.reset_off_code)
            return
        self._stop_boot_timer()

        def restart() -> None:
            self._note("reset")
            self._restarted(RESTART_CHASSIS_CONTROL, channel)
            self._start_boot()

        self._begin(self._traits.reset_delay, restart)

    def soft_off(self) -> None:
        """Ask the operating system to shut down; it may not listen."""
        if not self.on:
            self._refuse(self._traits.soft_off_code)
            return
        if not self.os_obeys:
            self._note("shutdown-ignored")
            return
        self._note("shutdown")
        self._bmc.console.shutting_down()
        self._begin(self._traits.soft_delay, lambda: self._down("off"))

    def diagnostic_interrupt(self) -> None:
        """Pulse the NMI."""
        if not self.on:
            self._refuse(self._traits.diag_off_code)
            return
        self._note("nmi")
        self._bmc.console.interrupted()

    # --- what the world does to it

    def host_restarts(self) -> None:
        """The operating system restarts by itself (Ctrl-Alt-Del, `reboot`)."""
        if self.on:
            self._note("reset", "by the operating system")
            self._restarted(RESTART_SOFT, None)
            self._start_boot()

    def force(self, on: bool) -> None:
        """Put the host into a state at once, without a boot: the start of a test."""
        self._cancel()
        if on and not self.on:
            self.on = True
            self._bmc.state.chassis.powered_since = self._bmc.clock.now()
            self._bmc.console.running()
        elif not on and self.on:
            self._down("off")

    def mains_lost(self) -> None:
        """Pull the plug."""
        self.mains = False
        self._was_on = self.on
        self._cancel()
        if self.on:
            self._down("mains lost")

    def mains_back(self) -> None:
        """Put it back in: the power restore policy decides (IPMI 28.8)."""
        if self.mains:
            return
        self.mains = True
        chassis = self._bmc.state.chassis
        chassis.last_event |= LAST_EVENT_AC_FAILED
        policy = chassis.restore_policy
        if policy == POLICY_ON or (policy == POLICY_PREVIOUS and self._was_on):
            previous = policy == POLICY_PREVIOUS
            cause = RESTART_PREVIOUS_RESTORE if previous else RESTART_ALWAYS_RESTORE
            self._begin(self._traits.on_delay, lambda: self._up(None, cause))

    # --- transitions

    def _begin(self, delay: float, done: Callable[[], None]) -> None:
        self._cancel()

        def fire() -> None:
            self._transition = None
            done()

        self._transition = self._bmc.clock.call_later(delay, fire)

    def _cancel(self) -> None:
        for timer in (self._transition, self._boot):
            if timer is not None:
                timer.cancel()
        self._transition = self._boot = None

    def _up(self, channel: int | None, cause: int = RESTART_CHASSIS_CONTROL) -> None:
        self.on = True
        self._note("on")
        chassis = self._bmc.state.chassis
        chassis.powered_since = self._bmc.clock.now()
        if cause == RESTART_CHASSIS_CONTROL:
            chassis.last_event = LAST_EVENT_BY_IPMI
        self._restarted(cause, channel)
        self._start_boot()

    def _down(self, why: str) -> None:
        chassis = self._bmc.state.chassis
        if chassis.powered_since is not None:
            chassis.poh += self._bmc.clock.now() - chassis.powered_since
        chassis.powered_since = None
        self.on = False
        if self._boot is not None:
            self._boot.cancel()
            self._boot = None
        self._bmc.console.power_lost()
        self._note("off", why if why != "off" else "")

    def _restarted(self, cause: int, channel: int | None) -> None:
        chassis = self._bmc.state.chassis
        chassis.restart_cause = cause
        if channel is not None:
            chassis.restart_channel = channel

    def _start_boot(self) -> None:
        if self._boot is not None:
            self._boot.cancel()
        self._bmc.console.booting()
        self._boot = self._bmc.clock.call_later(self._traits.boot_read_delay, self._read_options)

    def _read_options(self) -> None:
        """The BIOS reads the boot options, and takes a one-time override off."""
        self._boot = None
        boot = self._bmc.state.chassis.boot
        boot.expire(self._bmc.clock.now())
        first, second = boot.flags[0], boot.flags[1]
        if not first & BOOT_VALID:
            self._note("boot", "default")
            self._bmc.console.booted("default", efi=False)
            return
        device = BOOT_DEVICES.get(second >> 2 & 0x0F, "unknown")
        efi = bool(first & BOOT_EFI)
        persistent = bool(first & BOOT_PERSISTENT)
        words = (device, "efi" if efi else "legacy", "persistent" if persistent else "once")
        self._note("boot", " ".join(words))
        if not persistent:
            boot.flags = bytes((first & ~BOOT_VALID,)) + boot.flags[1:]
        boot.flags_expire_at = None
        self._bmc.console.booted(device, efi=efi)

    def _stop_boot_timer(self) -> None:
        """A chassis control within the 60 s keeps the boot flags for the boot that it starts."""
        boot = self._bmc.state.chassis.boot
        boot.expire(self._bmc.clock.now())
        if self._traits.control_stops_boot_timer:
            boot.flags_expire_at = None

    def _refuse(self, code: int) -> None:
        if code:
            raise Completion(code)

    def _note(self, what: str, detail: str = "") -> None:
        self.history.append(Event(self._bmc.clock.now(), what, detail))
        del self.history[:-HISTORY_LENGTH]
        self._bmc.log.info("power: %s %s", what, detail)
        self._bmc.changed()
