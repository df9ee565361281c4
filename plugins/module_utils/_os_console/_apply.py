# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine: plan all parts, write, call the system's own programs, look again - or put everything back as it was."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import os
import stat
import tempfile
from collections.abc import Iterator, Sequence

from ._model import FileChange, Layer, PartPlan, Wish
from ._part import Part, Refused
from ._system import RealSystem


@dataclasses.dataclass(frozen=True)
class Planned:
    """A part of the system, and what it needs."""

    part: Part
    plan: PartPlan


def plan(system: RealSystem, wish: Wish, parts: Sequence[Part]) -> tuple[Planned, ...]:
    """What the whole system needs. Raises Refused where it has no loader, or no login, that is known."""
    here = [part for part in parts if part.applies(system)]
    known = ", ".join(part.name for part in parts)
    if not any(part.layer in (Layer.LOADER, Layer.KERNEL) for part in here):
        raise Refused(f"no loader was found whose configuration is known; looked for: {known}")
    if wish.login and not any(part.layer is Layer.LOGIN for part in here):
        raise Refused(f"nothing was found that starts logins; looked for: {known}; login=false does without")
    planned = tuple(Planned(part, part.plan(system, wish)) for part in here)
    paths = [change.path for each in planned for change in each.plan.files]
    twice = sorted({path for path in paths if paths.count(path) > 1})
    if twice:
        raise Refused(f"two parts would change the same file: {', '.join(twice)}")
    return planned


def apply(system: RealSystem, wish: Wish, planned: Sequence[Planned]) -> tuple[str, ...]:
    """Do it; the paths that are other than before. Raises Refused, and then everything is as it was."""
    parts = [each.part for each in planned]
    before = _Snapshot(system)
    try:
        for each in planned:
            for path in each.plan.generated:
                before.keep(path)
            for change in each.plan.files:
                before.keep(change.path)
                _write(system, change)
        for each in planned:
            for command in each.plan.commands:
                _call(system, command.argv, command.why)
        before.keep_modes()
        before.flush()
        _look_again(system, wish, parts)
    except BaseException as error:
        lost = before.restore()
        if not isinstance(error, Refused):
            raise
        rest = f" And these could not be put back: {'; '.join(lost)}." if lost else " Everything is as it was."
        raise Refused(f"{str(error).rstrip('.')}.{rest}") from error
    # Flushed, a change of names may be in the file system's journal alone, which no loader reads; this writes it to its place too.
    os.sync()
    return before.changed()


def _call(system: RealSystem, argv: Sequence[str], why: str) -> None:
    try:
        system.ask(argv)
    except Refused as error:
        raise Refused(f"{why}: {error}") from error


def _look_again(system: RealSystem, wish: Wish, parts: Sequence[Part]) -> None:
    """Raises Refused where a part still needs something: then a program did not do what it was called for."""
    for part in parts:
        left = part.plan(system, wish)
        if left.changed:
            what = [change.path for change in left.files] + [command.why for command in left.commands]
            raise Refused(f"{part.name} is not as asked after all was done: {', '.join(what)}")


def _write(system: RealSystem, change: FileChange) -> None:
    """Write a file in one step, so that nobody ever sees half of it. One that exists keeps owner, mode and labels."""
    if system.read(change.path) != change.before:
        raise Refused(f"{change.path} was changed by somebody else meanwhile")
    real = system.real(change.path)
    try:
        if change.after is None:
            os.unlink(real)
            return
        os.makedirs(os.path.dirname(real), mode=0o755, exist_ok=True)
        old = _Kept.of(real)
        owner = (old.owner, old.group) if old else (-1, -1)
        data = change.after.encode("utf-8", "surrogateescape")
        _Kept(data, old.mode if old else change.mode, owner[0], owner[1], old.labels if old else ()).put(real)
    except OSError as error:
        raise Refused(f"{change.path} cannot be written: {error.strerror}") from error


@dataclasses.dataclass(frozen=True)
class _Kept:
    """A file: its bytes, mode, owner, group and extended attributes (SELinux's label, access lists)."""

    data: bytes
    mode: int
    owner: int
    group: int
    labels: tuple[tuple[str, bytes], ...]

    @classmethod
    def of(cls, real: str) -> _Kept | None:
        """What is there now, None where there is nothing. A link is not a file: it is kept by itself."""
        if os.path.islink(real):
            return None
        try:
            with open(real, "rb") as file:
                status = os.fstat(file.fileno())
                labels = tuple((name, os.getxattr(file.fileno(), name)) for name in _label_names(file.fileno()))
                return cls(file.read(), stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid, labels)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def put(self, real: str) -> None:
        """Make the file so, in one step. Raises OSError, and then nothing has changed."""
        handle, temporary = tempfile.mkstemp(prefix=".serial-console.", dir=os.path.dirname(real))
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(self.data)
                file.flush()
                os.fchown(handle, self.owner, self.group)
                os.fchmod(handle, self.mode)
                for name, value in self.labels:
                    os.setxattr(handle, name, value)
                os.fsync(handle)
            os.replace(temporary, real)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
            raise


def _label_names(handle: int) -> list[str]:
    """The names of a file's extended attributes; none where the system or the file system has none."""
    if not hasattr(os, "listxattr"):
        return []
    try:
        return os.listxattr(handle)
    except OSError:
        return []


class _Snapshot:
    """Files as they were before the first write, and what they are put back from."""

    def __init__(self, system: RealSystem) -> None:
        self.system = system
        self.links: dict[str, str | None] = {}
        self.files: dict[str, _Kept | None] = {}
        self.folders: list[str] = []

    def keep(self, path: str) -> None:
        """Remember a file, the link that it may be, and which of the folders above it there are."""
        try:
            real = self.system.real(path)
            self.links.setdefault(path, self._link(path))
            if real not in self.files:
                self.files[real] = _Kept.of(real)
        except OSError as error:
            raise Refused(f"{path} cannot be read: {error.strerror}") from error
        self.folders += [folder for folder in _above(real) if not os.path.isdir(folder) and folder not in self.folders]

    def keep_modes(self) -> None:
        """Give the files that programs wrote anew the owner and the mode that they had."""
        for real, old in self.files.items():
            if old is not None and os.path.isfile(real):
                status = os.stat(real)
                if (status.st_uid, status.st_gid) != (old.owner, old.group):
                    os.chown(real, old.owner, old.group)
                if stat.S_IMODE(status.st_mode) != old.mode:
                    os.chmod(real, old.mode)

    def flush(self) -> None:
        """See that the files and their names are on the disk: the host may be reset next, and a loader reads no journal."""
        there = [real for real in self.files if os.path.isfile(real)]
        folders = {os.path.dirname(real) for real in self.files}
        for path in (*there, *sorted(folder for folder in folders if os.path.isdir(folder))):
            try:
                handle = os.open(path, os.O_RDONLY)
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)
            except OSError as error:
                if error.errno in (errno.EINVAL, errno.EROFS):
                    continue  # a file system that cannot, or on which nothing was written
                raise Refused(f"{path} cannot be written to the disk: {error.strerror}") from error

    def changed(self) -> tuple[str, ...]:
        """The files that are other than they were, as the system sees them."""
        prefix = self.system.root.rstrip("/")
        files = {real[len(prefix) :] for real, old in self.files.items() if _Kept.of(real) != old}
        return tuple(sorted(files | {path for path, old in self.links.items() if self._link(path) != old}))

    def _link(self, path: str) -> str | None:
        """Where a link leads, None where there is none."""
        link = self.system.real(path, follow=False)
        return os.readlink(link) if os.path.islink(link) else None

    def restore(self) -> list[str]:
        """Put everything back; what could not be, and why."""
        lost = []
        for undo in (self._undo_links, self._undo_files, self._undo_folders):
            lost += [f"{path}: {error.strerror}" for path, error in undo()]
        return lost

    def _undo_links(self) -> Iterator[tuple[str, OSError]]:
        for path, target in self.links.items():
            if self._link(path) == target:
                continue
            link = self.system.real(path, follow=False)
            try:
                if os.path.lexists(link):
                    os.unlink(link)
                if target is not None:
                    os.symlink(target, link)
            except OSError as error:
                yield link, error

    def _undo_files(self) -> Iterator[tuple[str, OSError]]:
        for real, old in self.files.items():
            try:
                if _Kept.of(real) == old:
                    continue
                if old is None:
                    os.unlink(real)
                else:
                    old.put(real)
            except OSError as error:
                yield real, error

    def _undo_folders(self) -> Iterator[tuple[str, OSError]]:
        for folder in sorted(self.folders, key=len, reverse=True):
            try:
                if os.path.isdir(folder) and not os.listdir(folder):
                    os.rmdir(folder)
            except OSError as error:
                yield folder, error


def _above(real: str) -> Iterator[str]:
    """The folders above a path, the nearest first."""
    folder = os.path.dirname(real)
    while folder != os.path.dirname(folder):
        yield folder
        folder = os.path.dirname(folder)
