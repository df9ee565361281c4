# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to lightsout.bmc: other collections must not import it.
"""The operating system's IPMI driver, in band: what of it is missing, and what to do about that.

Linux's driver has three parts: ipmi_msghandler; one for the way to the BMC, ipmi_si (KCS, SMIC, BT) or ipmi_ssif (SMBus);
and ipmi_devintf, which makes the device. Each is a module, or built into the kernel, and shows in /sys either way.
"""

from __future__ import annotations

import errno
import os
import pathlib
import platform
import typing as t

#: Where the device may be; the later two are of old kernels.
DEVICES: t.Final = ("/dev/ipmi0", "/dev/ipmi/0", "/dev/ipmidev/0")
#: What ipmi_devintf makes in /sys.
_CLASS: t.Final = "sys/class/ipmi"
#: What the drivers of the way to the BMC make in /sys: ipmi_si, ipmi_ssif, and those of POWER's firmware and of IPMB.
_WAYS: t.Final = (
    "sys/bus/platform/drivers/ipmi_si",
    "sys/bus/i2c/drivers/ipmi_ssif",
    "sys/bus/platform/drivers/ipmi-powernv",
    "sys/bus/i2c/drivers/ipmi-ipmb",
)
#: The device's file is there and no driver behind it.
_EMPTY: t.Final = frozenset({errno.ENODEV, errno.ENXIO})


def without_device(root: pathlib.Path = pathlib.Path("/")) -> str:
    """Why there is no device, as far as /sys below `root` tells, and what to do."""
    return f"this host has no IPMI device ({', '.join(DEVICES)}): {_why(root)}"


def _why(root: pathlib.Path) -> str:
    if platform.system() != "Linux":
        return f"in band goes through Linux's IPMI driver only, and this is {platform.system()}. Use bmc_interface=lan"
    made = root / _CLASS
    if made.is_dir() and any(made.iterdir()):
        return (
            "the kernel has one, and /dev does not. In a container, pass the device in (--device /dev/ipmi0); "
            "else see whether udev or devtmpfs is at work"
        )
    missing = []
    if not any((root / way).is_dir() for way in _WAYS):
        missing.append("ipmi_si")
    if not made.is_dir():
        missing.append("ipmi_devintf")
    if missing:
        ssif = " (or ipmi_ssif, where the BMC is on the SMBus)" if "ipmi_si" in missing else ""
        return f"the driver is not loaded. As root: modprobe -a {' '.join(missing)}{ssif}"
    return (
        "the driver is loaded and has found no BMC. See what the kernel says of it (dmesg | grep -i ipmi); "
        "the firmware setup may have switched it off, and virtual machines seldom have one"
    )


def refusal(device: str, error: OSError, root: pathlib.Path = pathlib.Path("/")) -> str:
    """What it means that `device` was not opened, or took no request."""
    if error.errno in (errno.EACCES, errno.EPERM):
        if os.geteuid() == 0:
            return f"root may not use {device} here: a container's device rules or a security module (SELinux, AppArmor) refuse it"
        return f"no right to open {device}: use become (become: true, or ansible -b)"
    if error.errno in _EMPTY:
        return f"there is no driver behind {device}: {_why(root)}"
    if error.errno == errno.EBUSY:
        return f"{device} stayed busy: another program keeps the driver occupied, or the BMC is being reset or updated"
    if error.errno == errno.ENOTTY:
        return f"{device} is not the device of the IPMI driver (it does not know the driver's requests)"
    return f"{device} cannot be used: {error.strerror or error}"
