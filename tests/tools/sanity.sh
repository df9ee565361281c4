#!/usr/bin/env bash
# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# ansible-test sanity on a copy of the checkout. Usage: sanity.sh [ansible-test's arguments]
# Everything that ansible-test keeps goes below .cache, nothing into the user's home.
set -euo pipefail

cd "$(dirname "$0")/../.."
top=$PWD
bin=$top/.venv/bin
python=$bin/python
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')

# pip's own settings stay those of the user when HOME moves.
export PIP_CACHE_DIR=${PIP_CACHE_DIR:-$("$python" -m pip cache dir)}
export XDG_CONFIG_HOME=${XDG_CONFIG_HOME:-$HOME/.config}
export HOME=$top/.cache/home
mkdir -p "$HOME"

"$python" "$top/tests/tools/get_pip.py" "$HOME/.ansible/test/cache"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$("$top/tests/tools/export.sh" "$work")"
PATH=$bin:$PATH "$bin/ansible-test" sanity --python "$version" --color no "$@"
