# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Puts ansible-test's pip bootstrap script into its cache. Usage: get_pip.py CACHE_FOLDER

ansible-test downloads that script from a host of its own. Where that host is out of reach, a stand-in
does the same with the pip that Python brings along, and everything else still comes from the package index.
"""

from __future__ import annotations

import pathlib
import sys
import types
import urllib.error
import urllib.request

from ansible_test._internal.python_requirements import get_venv_packages

HOST = "https://ci-files.testing.ansible.com/ansible-test"
SECONDS = 10.0

STAND_IN = '''\
"""Stand-in for get-pip: the pip of ensurepip, then the packages that the arguments name."""

import subprocess
import sys

# Options of get-pip that pip itself does not know.
arguments = [argument for argument in sys.argv[1:] if argument not in ("--no-setuptools", "--no-wheel")]

subprocess.run([sys.executable, "-m", "ensurepip"], check=True, stdout=subprocess.DEVNULL)
sys.exit(subprocess.run([sys.executable, "-m", "pip", "install"] + arguments).returncode)
'''


def pip_version() -> str:
    """The version of pip that this ansible-test asks for on this Python."""
    python = types.SimpleNamespace(version=f"{sys.version_info.major}.{sys.version_info.minor}")
    return str(get_venv_packages(python)["pip"])


def script(version: str) -> str:
    """The bootstrap script itself, or the stand-in when it cannot be had."""
    try:
        with urllib.request.urlopen(f"{HOST}/get-pip-{version}.py", timeout=SECONDS) as answer:
            return str(answer.read().decode())
    except (urllib.error.URLError, TimeoutError) as error:
        print(f"ansible-test's get-pip is out of reach ({error}): using Python's own pip", file=sys.stderr)
        return STAND_IN


def main() -> None:
    version = pip_version()
    place = pathlib.Path(sys.argv[1], f"get_pip_{version.replace('.', '_')}.py")
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(script(version), encoding="utf-8")


if __name__ == "__main__":
    main()
