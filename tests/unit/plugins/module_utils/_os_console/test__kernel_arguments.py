# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernel's command line: one serial console, last, and nothing else lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._kernel_arguments import consoles, join, merge, split
from ansible_collections.lightsout.bmc.plugins.module_utils._os_console._model import Port, Wish

WISH = Wish(Port(1), 115200)
LAST = " console=tty0 console=ttyS1,115200n8"


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", ()),
        ("  ro\tquiet\n", ("ro", "quiet")),
        ('dyndbg="file a.c +p" ro', ('dyndbg="file a.c +p"', "ro")),
        (r"dyndbg=\"file ro", (r"dyndbg=\"file", "ro")),
        ("a='b c' d", ("a='b c'", "d")),
        (r'a="b \" c" d', (r'a="b \" c"', "d")),
    ],
)
def test_tokens_are_split_as_the_kernel_does(text: str, tokens: tuple[str, ...]) -> None:
    assert split(text) == tokens


@pytest.mark.parametrize("text", ['ro dyndbg="file a.c', "a='b c", 'a"b"c"', "ro \\"])
def test_a_quote_that_is_not_closed_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a quote is not closed"):
        split(text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", LAST.strip()),
        ("ro quiet", "ro quiet" + LAST),
        # Two serial consoles, in the wrong order, one without a rate.
        ("console=ttyS0 ro console=ttyS1,9600 console=tty0 splash", "ro splash" + LAST),
        ("console=tty1 console=ttyS0", LAST.strip()),
        # The kernel takes port 0 where no number is given.
        ("console=tty console=ttyS,9600 console=ttyS ro console=ttyUSB0", "ro console=ttyUSB0" + LAST),
        ('console="ttyS0,9600" ro "console=ttyS2" console=0,9600', "ro" + LAST),
        ('console="hvc0" myconsole=ttyS0 "console=hvc1"', 'console="hvc0" myconsole=ttyS0 "console=hvc1"' + LAST),
        # The same port by its address is a serial console too.
        ("console=uart8250,io,0x2f8,57600n8 ro", "ro" + LAST),
        # What is not a console of a PC's ports stays.
        ("console=hvc0 earlycon=uart8250,io,0x3f8 console=ttyAMA0", "console=hvc0 earlycon=uart8250,io,0x3f8 console=ttyAMA0" + LAST),
        ('dyndbg="file a.c console=ttyS0 +p" x.y=1 x.y=1', 'dyndbg="file a.c console=ttyS0 +p" x.y=1 x.y=1' + LAST),
        ("consoleblank=0 console_msg_format=syslog", "consoleblank=0 console_msg_format=syslog" + LAST),
        ("ro" + LAST, "ro" + LAST),
    ],
)
def test_one_serial_console_is_left_and_it_is_last(before: str, after: str) -> None:
    assert join(merge(split(before), WISH)) == after


@pytest.mark.parametrize(
    ("quiet", "after"), [(None, "ro rhgb quiet"), (False, "ro"), (True, "ro rhgb quiet")]
)
def test_quiet_is_changed_by_the_option_only(quiet: bool | None, after: str) -> None:
    assert join(merge(split("ro rhgb quiet"), Wish(Port(1), 115200, quiet=quiet))) == after + LAST


def test_quiet_is_added_once() -> None:
    assert join(merge(("ro",), Wish(Port(1), 115200, quiet=True))) == "ro quiet" + LAST


def test_without_the_screen_the_port_is_the_only_console() -> None:
    assert join(merge(split("ro console=tty0"), Wish(Port(2), 57600, screen=False))) == "ro console=ttyS2,57600n8"


WORDS = st.sampled_from(["ro", "quiet", "console=ttyS0", "console=tty0", "console=hvc0", "console=ttyS1,115200n8", 'a="b c"', r"b=\"c", "x='y z'"])


@given(st.lists(WORDS), st.booleans(), st.sampled_from([None, True, False]))
def test_the_second_time_changes_nothing_and_nobody_elses_argument_is_lost(words: list[str], screen: bool, quiet: bool | None) -> None:
    wish = Wish(Port(1), 115200, screen=screen, quiet=quiet)
    once = merge(split(" ".join(words)), wish)
    assert merge(split(join(once)), wish) == once
    others = [word for word in words if not word.startswith("console=tty") and word != "quiet"]
    assert [word for word in once if not word.startswith("console=tty") and word != "quiet"] == others
    assert [word for word in consoles(once) if word.startswith("console=ttyS")] == ["console=ttyS1,115200n8"]
    assert once[-1] == "console=ttyS1,115200n8"
