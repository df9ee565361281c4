# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said of the operating system's IPMI driver, by what /sys shows of it."""

from __future__ import annotations

import errno
import os
import pathlib
import platform

import pytest

from ansible_collections.lightsout.bmc.plugins.module_utils._ipmi_driver import refusal, without_device


@pytest.fixture(autouse=True)
def _linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Linux")


def host(root: pathlib.Path, *folders: str) -> pathlib.Path:
    """A root with these folders."""
    for folder in folders:
        (root / folder).mkdir(parents=True)
    return root


SI, SSIF, CLASS = "sys/bus/platform/drivers/ipmi_si", "sys/bus/i2c/drivers/ipmi_ssif", "sys/class/ipmi"


class TestNoDevice:
    """The device's file is not there."""

    @pytest.mark.parametrize(
        ("folders", "said"),
        [
            ((), "not loaded. As root: modprobe -a ipmi_si ipmi_devintf (or ipmi_ssif, where the BMC is on the SMBus)"),
            ((SI,), "not loaded. As root: modprobe -a ipmi_devintf"),
            ((SSIF,), "not loaded. As root: modprobe -a ipmi_devintf"),
            ((CLASS,), "not loaded. As root: modprobe -a ipmi_si (or ipmi_ssif"),
            ((SI, CLASS), "is loaded and has found no BMC. See what the kernel says"),
            ((SI, f"{CLASS}/ipmi0"), "the kernel has one, and /dev does not. In a container, pass the device in"),
        ],
    )
    def test_the_missing_part_is_named(self, tmp_path: pathlib.Path, folders: tuple[str, ...], said: str) -> None:
        assert said in without_device(host(tmp_path, *folders))

    def test_a_part_that_is_there_is_not_named(self, tmp_path: pathlib.Path) -> None:
        assert "ipmi_si" not in without_device(host(tmp_path, SSIF))

    def test_another_system_is_told(self, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(platform, "system", lambda: "FreeBSD")
        text = without_device(host(tmp_path))
        assert "this is FreeBSD. Use bmc_interface=lan" in text and "modprobe" not in text


class TestRefusal:
    """The device's file is there, and no help."""

    def say(self, number: int, root: pathlib.Path) -> str:
        return refusal("/dev/ipmi0", OSError(number, os.strerror(number)), root)

    @pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM])
    def test_somebody_without_the_right_needs_become(self, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        assert self.say(number, tmp_path) == "no right to open /dev/ipmi0: use become (become: true, or ansible -b)"

    def test_root_without_the_right_is_not_sent_to_become(self, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        text = self.say(errno.EPERM, tmp_path)
        assert "container" in text and "become" not in text

    @pytest.mark.parametrize("number", [errno.ENODEV, errno.ENXIO])
    def test_a_file_without_driver_is_said_to_be_that(self, tmp_path: pathlib.Path, number: int) -> None:
        text = self.say(number, tmp_path)
        assert text.startswith("there is no driver behind /dev/ipmi0: ") and "modprobe -a ipmi_si ipmi_devintf" in text

    def test_a_busy_device_is_said_to_be_busy(self, tmp_path: pathlib.Path) -> None:
        assert "stayed busy" in self.say(errno.EBUSY, tmp_path)

    def test_an_error_without_text_of_its_own_is_told_all_the_same(self, tmp_path: pathlib.Path) -> None:
        # io.UnsupportedOperation, which open() raises for a pipe, is such a one.
        assert refusal("/dev/ipmi0", OSError("not seekable"), tmp_path) == "/dev/ipmi0 cannot be used: not seekable"
