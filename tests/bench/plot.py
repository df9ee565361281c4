# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plots of time against a number, as SVG that a browser shows on light and dark pages."""

from __future__ import annotations

import html
import math
import typing as t

Points = t.Sequence[tuple[float, float]]

_WIDTH, _HEIGHT = 720, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 20, 40, 50
#: Colours that the colour-blind tell apart (Okabe and Ito), with a dash each for print.
_STYLES: t.Final = (("#0072b2", ""), ("#d55e00", "8 4"), ("#009e73", "2 4"), ("#cc79a7", "12 3 3 3"))
# REUSE-IgnoreStart: the lines are meant for the picture
_HEAD: t.Final = """<!--
Copyright (c) 2026 lightsout contributors
GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->"""
# REUSE-IgnoreEnd


def _step(most: float) -> float:
    """The distance of lines: 1, 2 or 5 times a power of ten, so that there are 4 to 10."""
    power = 10 ** math.floor(math.log10(most / 4))
    return float(next(factor * power for factor in (5, 2, 1) if most / (factor * power) >= 4))


def plot(title: str, across: str, lines: t.Mapping[str, Points]) -> str:
    """One picture; `across` names the number, the other axis is seconds. All values are 0 or more."""
    far = max(x for points in lines.values() for x, _y in points)
    high = max(y for points in lines.values() for _x, y in points) * 1.05
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="13">',
        _HEAD,
        f"<title>{html.escape(title)}</title>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="22" font-size="15" font-weight="bold">{html.escape(title)}</text>',
    ]

    def place(x: float, y: float) -> tuple[float, float]:
        across_px = _LEFT + x / far * (_WIDTH - _LEFT - _RIGHT)
        return round(across_px, 1), round(_HEIGHT - _BOTTOM - y / high * (_HEIGHT - _TOP - _BOTTOM), 1)

    step = _step(high)
    for count in range(math.floor(high / step) + 1):
        _x, y = place(0, count * step)
        parts.append(f'<path d="M{_LEFT} {y}H{_WIDTH - _RIGHT}" stroke="#dddddd"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{count * step:g} s</text>')
    for number in sorted({x for points in lines.values() for x, _y in points}):
        x, y = place(number, 0)
        parts.append(f'<path d="M{x} {y}v5" stroke="#000000"/><text x="{x}" y="{y + 19}" text-anchor="middle">{number:g}</text>')
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    parts.append(f'<text x="{middle:g}" y="{_HEIGHT - 10}" text-anchor="middle">{html.escape(across)}</text>')
    for row, ((label, points), (colour, dash)) in enumerate(zip(lines.items(), _STYLES, strict=False)):
        spots = [place(*point) for point in points]
        parts.append(f'<polyline points="{" ".join(f"{x},{y}" for x, y in spots)}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>')
        parts += [f'<circle cx="{x}" cy="{y}" r="3.5" fill="{colour}"/>' for x, y in spots]
        y = _TOP + 14 + row * 18
        parts.append(f'<path d="M{_LEFT + 14} {y - 4}h30" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>')
        parts.append(f'<text x="{_LEFT + 52}" y="{y}">{html.escape(label)}</text>')
    return "\n".join([*parts, "</svg>", ""])
