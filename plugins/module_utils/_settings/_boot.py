# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The boot override (specification 28.12 and 28.13, System Boot Options).

The "valid" bit decides: while it is clear there is no override, whatever else the
parameter holds. A BMC clears it once the host has booted, after a chassis control by
other means, and, unless parameter 3 says not to, 60 seconds after it was set. Parameter 3
is written first, so that the override survives a slow power-on.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ansible_collections.lightsout.bmc.plugins.module_utils._bmc import Bmc
from ansible_collections.lightsout.bmc.plugins.module_utils._errors import CompletionError
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi import _boot as wire
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._boot import BootDevice, BootFlags, BootParameter
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._commands import GET_BOOT_OPTIONS, SET_BOOT_OPTIONS
from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi._completion import Outcome
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._cut import Cut
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._plan import make_plan
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._planned import Planned, one
from ansible_collections.lightsout.bmc.plugins.module_utils._settings._table import (
    Instance,
    Parameter,
    Reader,
    Section,
    Setting,
    Target,
    Value,
)

#: community.general's names, and names in its style for the other devices of the specification.
DEVICES: t.Final[dict[str, BootDevice]] = {
    "default": BootDevice.NONE,
    "network": BootDevice.PXE,
    "hd": BootDevice.DISK,
    "safe": BootDevice.SAFE,
    "diagnostic": BootDevice.DIAGNOSTIC,
    "optical": BootDevice.CDROM,
    "setup": BootDevice.SETUP,
    "floppy": BootDevice.FLOPPY,
    "remote_floppy": BootDevice.REMOTE_FLOPPY,
    "remote_optical": BootDevice.REMOTE_CDROM,
    "remote_media": BootDevice.REMOTE_MEDIA,
    "remote_hd": BootDevice.REMOTE_DISK,
}
_NAMES: t.Final = {device: name for name, device in DEVICES.items()}

#: A BMC that has no parameter 0, 3 or 4 answers in one of these ways; it does without.
_OPTIONAL = frozenset(
    {
        Outcome.UNSUPPORTED,
        Outcome.READ_ONLY,
        Outcome.INVALID,
        Outcome.ABSENT,
        Outcome.LENGTH,
        Outcome.LOCKED,
        Outcome.NOT_NOW,
        Outcome.REFUSED,
    }
)


@dataclass(frozen=True)
class FlagsParameter(Parameter):
    """Parameter 5, boot flags, with what must be written around it."""

    title: str = "boot parameter 5 (boot flags)"
    order: int = 10

    def load(self, reader: Reader, target: Target, wanted: t.Mapping[str, Value]) -> BootFlags:
        def decode(answer: bytes) -> BootFlags:
            return BootFlags.from_wire(wire.payload(answer, BootParameter.BOOT_FLAGS))

        flags: BootFlags = reader.read(GET_BOOT_OPTIONS, wire.get_request(BootParameter.BOOT_FLAGS), decode)
        if not reader.after_write or flags.valid or flags.device is BootDevice.NONE:
            return flags
        if flags.device is not wanted.get("bootdev"):
            return flags
        # Such a BMC stores the device and shows no valid bit. What it shows is what can be compared.
        reader.notes.append(
            "boot: the BMC shows the device and not the 'valid' bit, so whether persistent and uefiboot were taken is not known"
        )
        return replace(
            flags, valid=True, persistent=wanted.get("persistent", False), uefi=wanted.get("uefiboot", False)
        )

    def store(self, bmc: Bmc, target: Target, new: BootFlags, old: BootFlags) -> None:
        self._optional(bmc, BootParameter.SET_IN_PROGRESS, bytes([1]))
        if new.valid:
            self._optional(bmc, BootParameter.VALID_BIT_CLEARING, wire.BootClearMask(timeout=True).to_wire())
        self._optional(bmc, BootParameter.ACKNOWLEDGE, wire.ACKNOWLEDGE_BIOS)
        try:
            bmc.request(SET_BOOT_OPTIONS, wire.set_request(BootParameter.BOOT_FLAGS, new.to_wire()))
        finally:
            if not bmc.silent:
                self._optional(bmc, BootParameter.SET_IN_PROGRESS, bytes([0]))

    @staticmethod
    def _optional(bmc: Bmc, parameter: BootParameter, data: bytes) -> None:
        try:
            bmc.request(SET_BOOT_OPTIONS, wire.set_request(parameter, data))
        except CompletionError as error:
            if error.outcome not in _OPTIONAL:
                raise


FLAGS: t.Final = FlagsParameter()


def _device(flags: BootFlags) -> BootDevice | int:
    return flags.device if flags.valid else BootDevice.NONE


def _with_device(flags: BootFlags, device: BootDevice) -> BootFlags:
    if device is BootDevice.NONE:
        # "default" is no override at all: nothing of the old one may stay.
        return replace(flags, valid=False, persistent=False, uefi=False, device=BootDevice.NONE)
    # A stale device's other bits are not taken over from flags that are not valid.
    base = flags if flags.valid else BootFlags()
    return replace(base, valid=True, device=device)


BOOT: t.Final = Section(
    "boot",
    (
        Setting(
            "bootdev",
            FLAGS,
            get=_device,
            put=_with_device,
            spec={"type": "str", "choices": list(DEVICES)},
            parse=lambda given: DEVICES[given],
            show=lambda device: _NAMES.get(device, f"unknown_{int(device)}"),
        ),
        Setting(
            "persistent",
            FLAGS,
            get=lambda flags: flags.valid and flags.persistent,
            put=lambda flags, value: replace(flags, persistent=value),
            spec={"type": "bool"},
        ),
        Setting(
            "uefiboot",
            FLAGS,
            get=lambda flags: flags.valid and flags.uefi,
            put=lambda flags, value: replace(flags, uefi=value),
            spec={"type": "bool"},
        ),
    ),
)

INSTANCE: t.Final = Instance(BOOT, Target(), "boot")


def complete(wanted: t.Mapping[str, Value]) -> dict[str, Value]:
    """The whole of an override: what is left out is once, and legacy; "default" has neither.

    Without a device nothing is asked for.
    """
    if "bootdev" not in wanted:
        return {}
    if wanted["bootdev"] is BootDevice.NONE:
        return {"bootdev": BootDevice.NONE}
    return {"persistent": False, "uefiboot": False, **wanted}


def plan_boot(reader: Reader, params: t.Mapping[str, t.Any]) -> Planned:
    """The boot override."""
    return one(Cut(make_plan(reader, INSTANCE, complete(BOOT.wanted(params)))))
