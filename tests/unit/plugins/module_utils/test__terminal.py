# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A terminal's codes go, and what a person would have read stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.lightsout.bmc.plugins.module_utils import _terminal
from ansible_collections.lightsout.bmc.plugins.module_utils._terminal import Terminal, junk


def shown(*pieces: bytes) -> tuple[str, str]:
    """The lines, and the stream."""
    terminal = Terminal()
    stream = "".join(terminal.feed(piece) for piece in pieces)
    return terminal.text, stream


@pytest.mark.parametrize(
    ("data", "lines", "stream"),
    [
        (b"one\r\ntwo", "one\ntwo", "one\ntwo"),
        (b"one\n\rtwo", "one\ntwo", "one\ntwo"),
        (b"one\r\r\ntwo", "one\ntwo", "one\ntwo"),
        (b"one\r\n\r\ntwo", "one\n\ntwo", "one\n\ntwo"),
        (b"10%\r20%\r100%\r\n", "100%\n", "10%\n20%\n100%\n"),
        (b"long line\rshort\x1b[K\r\n", "short\n", "long line\nshort\n"),
        (b"logn\x08in: ", "login:", "login: "[:3] + "nin: "),
        (b"x\x08 \x08y", "y", "x y"),
        (b"\x1b[1;31mlo\x1b[0mgin\x1b[m: ", "login:", "login: "),
        (b"\x1b]0;root@n1: ~\x07# ", "#", "# "),
        (b"\x1b]0;root@n1\x1b\\# ", "#", "# "),
        (b"\x1bP1$r0m\x1b\\# ", "#", "# "),
        (b"\x1b(B\x1b)0\x1b=\x1b>text", "text", "text"),
        (b"\x1b[2J\x1b[HGRUB\x1b[5;3Hentry\x1b[6;3Hother", "GRUB\n  entry\n  other", "GRUB\nentry\nother"),
        (b"ab\x1b[3Ccd", "ab   cd", "ab cd"),
        (b"abc\x1b[2DX", "aXc", "abcX"),
        (b"abc\x1b[1GX", "Xbc", "abcX"),
        (b"abcdef\r\x1b[2Pgh\r", "ghef", "abcdef\ngh"),
        (b"abc\r\x1b[2@", "  abc", "abc"),
        (b"abc\r\x1b[2X", "  c", "abc"),
        (b"abc\x1b[1K", "", "abc"),
        (b"\ta\x00\x07b", "        ab", "\tab"),
        ("für\u2500".encode(), "für\u2500", "für\u2500"),
        (b"f\xfcr", "f\ufffdr", "f\ufffdr"),
        (b"\x1b]0;never ends\r\nlogin: ", "0;never ends\nlogin:", "0;never ends\nlogin: "),
    ],
)
def test_codes_go_and_text_stays(data: bytes, lines: str, stream: str) -> None:
    assert shown(data) == (lines, stream)


def test_a_long_line_stays_one_and_a_wrapped_one_is_not_overwritten() -> None:
    assert shown(b"k" * 200 + b"\r\n")[0] == "k" * 200 + "\n"
    # What readline does at the right margin.
    assert shown(b"a" * 80 + b" \rbc")[0] == "a" * 80 + "bc"
    assert shown(b"a" * 80 + b"\rb")[0] == "b" + "a" * 79


@given(st.binary(max_size=300), st.integers(0, 300))
def test_pieces_make_no_difference(data: bytes, cut: int) -> None:
    assert shown(data) == shown(data[:cut], data[cut:]) == shown(*(bytes([byte]) for byte in data))


@given(st.binary(max_size=300))
def test_whatever_comes_no_code_is_left(data: bytes) -> None:
    lines, stream = shown(data)
    assert not set(lines + stream) & {chr(code) for code in (*range(9), *range(11, 32), *range(0x7F, 0xA0))}


def test_only_the_last_lines_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_terminal, "MOST_LINES", 3)
    terminal = Terminal()
    terminal.feed(b"1\r\n2\r\n3\r\n")
    assert not terminal.truncated
    terminal.feed(b"4\r\n")
    assert terminal.truncated and terminal.text == "2\n3\n4\n"


@pytest.mark.parametrize(
    "data",
    [
        b"x" * 100_000,  # no end of a line
        b"\t" * 100_000 + b"x",
        b"a\r" + b"\x1b[4096@" * 1000,
        b"\x1b[4096Cx\r\n" * 2000,
        b"\x1b[" + b"9" * 100_000 + b"Cx",
        b"\x1b" + b" " * 100_000,
        b"\x1b[4096Cx" * 2000,
    ],
)
def test_an_endless_stream_takes_bounded_memory(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(_terminal, "MOST_CHARACTERS", 20_000)
    terminal = Terminal()
    for start in range(0, len(data), 100):
        terminal.feed(data[start : start + 100])
    assert len(terminal.text) <= 20_000 + 2 * _terminal.MOST_COLUMNS
    assert len(terminal._begun) < 2000 and len(terminal._row) <= _terminal.MOST_COLUMNS


def test_a_line_that_is_too_long_goes_on_in_the_next_and_loses_nothing() -> None:
    text = "".join(chr(97 + number % 26) for number in range(10_000))
    lines, stream = shown(text.encode())
    assert (lines.replace("\n", ""), stream) == (text, text) and max(map(len, lines.splitlines())) == _terminal.MOST_COLUMNS


def test_a_number_that_no_terminal_has_is_no_number() -> None:
    assert shown(b"\x1b[" + b"9" * 5000 + b"C# ")[1].endswith("# ")


@pytest.mark.parametrize(
    ("data", "share"),
    [
        (b"", 0.0),
        (b"\x1b[1mlogin:\x1b[0m \r\n\x07", 0.0),
        ("schön ─".encode(), 0.0),
        (b"\xc9\xcd\xcd\xbb Setup \xba", 0.0),
        (b"\xff\xfe\x00\x80", 1.0),
        (b"ab\x00\xe0", 0.5),
    ],
)
def test_junk_is_what_no_text_has(data: bytes, share: float) -> None:
    assert junk(data) == share
