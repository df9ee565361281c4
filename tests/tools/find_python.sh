#!/usr/bin/env bash
# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Prints a Python that ansible-core 2.19 accepts (3.11 to 3.13) and that can make virtual environments.
# $PYTHON, if set, is the only candidate. Each is run, because a version manager's stand-in
# may be on the path for a version that is not installed.
set -euo pipefail

probe='
import sys
if not (3, 11) <= sys.version_info[:2] <= (3, 13):
    sys.exit("it is %d.%d" % sys.version_info[:2])
import ssl, venv
try:
    import ensurepip
except ImportError:
    sys.exit("it cannot make virtual environments (Debian, Ubuntu: apt install python%d.%d-venv)" % sys.version_info[:2])
print(sys.executable)
'

tried=""
for name in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    command -v "$name" >/dev/null 2>&1 || { tried+="  $name: not found"$'\n'; continue; }
    if answer=$("$name" -c "$probe" 2>&1); then
        printf '%s\n' "$answer"
        exit 0
    fi
    tried+="  $name: ${answer##*$'\n'}"$'\n'
done

{
    echo "No usable Python: one of 3.11, 3.12, 3.13 is needed, with its venv module. Tried:"
    printf '%s' "$tried"
    echo "Debian 12: apt install python3 python3-venv. Or name one: make PYTHON=/path/to/python3.12 ..."
} >&2
exit 1
