# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dataclasses to JSON and back, by their type hints.

Bytes are hex text, the keys of a dictionary are text, a set is a sorted list. Decoding takes the
type hints as the schema: a key that the class does not know is an error, a missing one takes
the default of the class; a field with the metadata `saved: False` is left out. Personalities in
YAML are read by the same function.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar, cast

T = TypeVar("T")


def encode(value: object) -> Any:
    """Turn a dataclass, container or scalar into what `json.dumps` takes."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        kept = [f.name for f in dataclasses.fields(value) if f.metadata.get("saved", True)]
        return {name: encode(getattr(value, name)) for name in kept}
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(encode(item) for item in value)
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    if isinstance(value, bytes):
        return value.hex()
    return value


def decode(kind: type[T], data: object) -> T:
    """Turn JSON data into `kind`. Raises ValueError or TypeError with the place of the fault."""
    return cast(T, _decode(kind, data, kind.__name__))


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _decode(kind: Any, data: Any, where: str) -> Any:
    if dataclasses.is_dataclass(kind):
        return _decode_dataclass(cast(type, kind), data, where)
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        if data is None:
            return None
        return _decode(next(arg for arg in args if arg is not type(None)), data, where)
    if origin is dict:
        items = _need(data, Mapping, where).items()
        return {args[0](key): _decode(args[1], item, f"{where}.{key}") for key, item in items}
    if origin in (list, set, frozenset, tuple):
        return origin(_decode(args[0], item, where) for item in _need(data, (list, tuple), where))
    if kind is bytes:
        return bytes.fromhex(data) if isinstance(data, str) else _need(data, bytes, where)
    if kind is float:
        return float(_need(data, (int, float), where))
    if kind is Any:
        return data
    return _need(data, kind, where)


def _decode_dataclass(kind: type, data: Any, where: str) -> Any:
    hints = _hints(kind)
    unknown = set(_need(data, Mapping, where)) - set(hints)
    if unknown:
        raise ValueError(f"{where}: unknown {', '.join(sorted(map(str, unknown)))}")
    return kind(**{key: _decode(hints[key], item, f"{where}.{key}") for key, item in data.items()})


def _need(data: Any, kind: Any, where: str) -> Any:
    if not isinstance(data, kind):
        raise TypeError(f"{where}: {type(data).__name__} is not {kind}")
    return data
