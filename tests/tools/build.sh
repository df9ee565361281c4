#!/usr/bin/env bash
# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Builds the tarball into dist/, installs it offline somewhere else, and looks at the installed copy:
# every plugin's documentation, the import of every file, every playbook's syntax; then galaxy-importer,
# which is what Galaxy itself runs on an upload.
set -euo pipefail

cd "$(dirname "$0")/../.."
top=$PWD
bin=$top/.venv/bin
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
say() { printf '== %s\n' "$*"; }

# Nothing of the checkout or of the user may help the installed copy.
unset PYTHONPATH
: > "$work/ansible.cfg"
export HOME_OF_USER=$HOME HOME=$work/home ANSIBLE_CONFIG=$work/ansible.cfg ANSIBLE_COLLECTIONS_PATH=$work/installed
mkdir -p "$HOME"

say "build"
source=$("$top/tests/tools/export.sh" "$work/source")
rm -rf "$top/dist"
(cd "$work" && "$bin/ansible-galaxy" collection build --output-path "$top/dist" "$source" > /dev/null)
tarball=$(ls "$top"/dist/*.tar.gz)
echo "${tarball#"$top"/}"

say "offline install"
(cd "$work" && "$bin/ansible-galaxy" collection install --offline -p "$work/installed" "$tarball" > /dev/null)
"$bin/python" "$top/tests/tools/check_installed.py" "$work/installed"

say "galaxy-importer"
# In an environment of its own: beside the other tools pip picks a version from years ago.
importer=$top/.cache/importer
if [ ! -e "$importer/.installed" ]; then
    rm -rf "$importer"
    "$bin/python" -m venv "$importer"
    if ! HOME=$HOME_OF_USER "$importer/bin/python" -m pip install --quiet 'galaxy-importer>=0.4.30,<0.5' > "$work/pip.log" 2>&1; then
        tail -n 5 "$work/pip.log"
        echo "galaxy-importer cannot be installed here: its checks did NOT run"
        exit 0
    fi
    touch "$importer/.installed"
fi
cd "$work"
if ! PATH=$importer/bin:$PATH "$importer/bin/python" -m galaxy_importer.main "$tarball" > importer.log 2>&1; then
    cat importer.log
    echo "galaxy-importer refuses the tarball" >&2
    exit 1
fi
grep -E '^(WARNING|ERROR)' importer.log || true
echo "accepted"
