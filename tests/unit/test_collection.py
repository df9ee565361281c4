# Copyright (c) 2026 lightsout contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The test of tests: what each module brings along, so that none is added by halves.

A module has its documentation, an example, an action of its name, a line in the README, a unit test, and a
test for each promise below. One that talks to a BMC has a name that begins with ipmi_, the connection options,
and a place in the group; another one has none of these. One that works on the managed host says so by the fragment
_attributes.host, and has no action. A test says which promise it keeps by a marker:

    @pytest.mark.promise("created", "diff")

The files are read, not run. The second half of this page takes one thing at a time away from a whole
collection and looks whether that is found.
"""

from __future__ import annotations

import ast
import pathlib
import re
import shutil
from collections.abc import Callable, Iterator

import pytest
import yaml

CHECKOUT = pathlib.Path(__file__).parents[2]
COLLECTION = "lightsout.bmc"

#: What is promised of every module; tests/integration/simulator/test_<module>.py shows each.
PROMISES = {
    "created": "it brings the BMC to the state that the task describes, and says changed",
    "unchanged": "the same task once more writes nothing and says ok",
    "check_mode": "check mode says what would change and writes nothing",
    "diff": "diff mode shows before and after",
    "refused": "a BMC that refuses gives one clear failure",
    "unreachable": "a BMC that does not answer costs bmc_timeout and is called unreachable",
    "no_secret": "no output, failures and -vvvv included, holds a secret",
}
#: A module that only reads brings nothing about.
PROMISES_OF_WRITERS = {"created", "diff"}
#: A module that talks to no BMC finds none unreachable, and shows no settings.
PROMISES_OF_TALKERS = {"diff", "unreachable"}

# REUSE-IgnoreStart: the lines are meant as text here
HEADER = (
    "# Copyright (c) 2026 lightsout contributors",
    "# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)",
    "# SPDX-License-Identifier: GPL-3.0-or-later",
)
# REUSE-IgnoreEnd


# What is looked at. Each function takes the collection's folder and gives what it misses, in words.


def names(root: pathlib.Path, folder: str) -> set[str]:
    """The public plugins in a folder below plugins/."""
    return {path.stem for path in root.glob(f"plugins/{folder}/*.py") if not path.stem.startswith("_")}


def constants(path: pathlib.Path) -> dict[str, str]:
    """The texts that a Python file assigns to a name at its top level."""
    found = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            found.update({target.id: node.value.value for target in node.targets if isinstance(target, ast.Name)})
    return found


def documentation(root: pathlib.Path, module: str) -> Iterator[str]:
    texts = constants(root / f"plugins/modules/{module}.py")
    documented = yaml.safe_load(texts.get("DOCUMENTATION", "")) or {}
    if documented.get("module") != module:
        yield "DOCUMENTATION is missing or is not its own"
    for key in ("short_description", "description", "author", "version_added", "extends_documentation_fragment"):
        if not documented.get(key):
            yield f"DOCUMENTATION has no {key}"
    if not yaml.safe_load(texts.get("RETURN", "")):
        yield "RETURN says nothing"


def examples(root: pathlib.Path, module: str) -> Iterator[str]:
    tasks = yaml.safe_load(constants(root / f"plugins/modules/{module}.py").get("EXAMPLES", "")) or []
    if not any(f"{COLLECTION}.{module}" in task for task in tasks):
        yield f"EXAMPLES has no task with {COLLECTION}.{module}"
    if any(module in task for task in tasks):
        yield "EXAMPLES has a task with the short name"


def action(root: pathlib.Path, module: str) -> Iterator[str]:
    path = root / f"plugins/action/{module}.py"
    if runs_on_the_host(root, module):
        if path.is_file():
            yield "it has an action, though its documentation says that it runs on the managed host"
        return
    if not path.is_file():
        yield "there is no action of its name: it would be copied to a new interpreter for each BMC"
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if not any(isinstance(node, ast.ClassDef) and node.name == "ActionModule" for node in tree.body):
        yield "its action has no class ActionModule"


def fragments(root: pathlib.Path, module: str) -> list[str]:
    """The documentation fragments that it extends."""
    documented = yaml.safe_load(constants(root / f"plugins/modules/{module}.py").get("DOCUMENTATION", "")) or {}
    return list(documented.get("extends_documentation_fragment") or [])


def talks_to_a_bmc(root: pathlib.Path, module: str) -> bool:
    """Whether it has the connection options: by the fragment that documents them."""
    return f"{COLLECTION}._connection" in fragments(root, module)


def runs_on_the_host(root: pathlib.Path, module: str) -> bool:
    """Whether its work is on the managed host, such as on its files: by the fragment that says so."""
    return f"{COLLECTION}._attributes.host" in fragments(root, module)


def name_says_so(root: pathlib.Path, module: str) -> Iterator[str]:
    if module.startswith("ipmi_") and not talks_to_a_bmc(root, module):
        yield "it has no connection options, though its name begins with ipmi_"
    if not module.startswith("ipmi_") and talks_to_a_bmc(root, module):
        yield "it has connection options, though its name does not begin with ipmi_"


def group(root: pathlib.Path) -> set[str]:
    """The modules of the module-defaults group."""
    runtime = yaml.safe_load((root / "meta/runtime.yml").read_text(encoding="utf-8"))
    return set(runtime["action_groups"]["ipmi"])


def place_in_group(root: pathlib.Path, module: str) -> Iterator[str]:
    talks, listed = talks_to_a_bmc(root, module), module in group(root)
    if talks and not listed:
        yield "meta/runtime.yml does not list it in the group ipmi"
    if listed and not talks:
        yield "meta/runtime.yml lists it in the group ipmi, but it has no connection options"


def readme(root: pathlib.Path, module: str) -> Iterator[str]:
    path = root / "README.md"
    if not path.is_file() or not re.search(rf"\b{module}\b", path.read_text(encoding="utf-8")):
        yield "README.md does not name it"


def functions_of(path: pathlib.Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The test functions of a file, those in classes included."""
    if not path.is_file():
        return []
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")]


def unit_test(root: pathlib.Path, module: str) -> Iterator[str]:
    path = f"tests/unit/plugins/modules/test_{module}.py"
    if not functions_of(root / path):
        yield f"{path} does not exist or has no test"


def promises_of(test: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """What the test's markers name; a marker on one of its parameter sets counts."""
    found: set[str] = set()
    for decorator in test.decorator_list:
        for node in ast.walk(decorator):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.promise":
                found.update(str(argument.value) for argument in node.args if isinstance(argument, ast.Constant))
    return found


def is_skipped(test: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(re.search(r"\bmark\.(skip|xfail)\b", ast.unparse(decorator)) for decorator in test.decorator_list)


def only_reads(root: pathlib.Path, module: str) -> bool:
    """Whether the documentation says that the module never changes anything: by the fragment that says so."""
    return f"{COLLECTION}._attributes.info" in fragments(root, module)


def promises(root: pathlib.Path, module: str) -> Iterator[str]:
    path = f"tests/integration/simulator/test_{module}.py"
    kept: set[str] = set()
    for test in functions_of(root / path):
        named = promises_of(test)
        for unknown in sorted(named - set(PROMISES)):
            yield f"{path}: {test.name} names the promise {unknown!r}, which there is not"
        if not is_skipped(test):
            kept |= named
    due = set(PROMISES) - (PROMISES_OF_WRITERS if only_reads(root, module) else set())
    due -= set() if talks_to_a_bmc(root, module) else PROMISES_OF_TALKERS
    for promise in sorted(due - kept):
        yield f"{path}: no test shows {promise!r}: {PROMISES[promise]}"


CHECKS: tuple[Callable[[pathlib.Path, str], Iterator[str]], ...] = (
    documentation,
    examples,
    action,
    name_says_so,
    place_in_group,
    readme,
    unit_test,
    promises,
)


def lacking(root: pathlib.Path) -> list[str]:
    """Everything that the collection's modules lack; nothing while there is no module yet."""
    modules = names(root, "modules")
    found = [f"{module}: {what}" for module in sorted(modules) for check in CHECKS for what in check(root, module)]
    if modules:
        found += [f"{name}: the group ipmi lists it, but there is no such module" for name in sorted(group(root) - modules)]
        found += [f"{name}: an action without a module of its name" for name in sorted(names(root, "action") - modules)]
    return found


def without_header(root: pathlib.Path) -> list[str]:
    """The Python files that do not begin with the licence's three lines; a `#!` line may come first."""
    found = []
    for folder in ("plugins", "tests"):
        for path in sorted((root / folder).rglob("*.py")):
            lines = path.read_text(encoding="utf-8").splitlines()
            if lines[:1] and lines[0].startswith("#!"):
                lines = lines[1:]
            if tuple(lines[:3]) != HEADER:
                found.append(str(path.relative_to(root)))
    return found


def test_no_module_lacks_anything() -> None:
    found = lacking(CHECKOUT)
    assert not found, "\n" + "\n".join(found)


def test_every_python_file_begins_with_the_licence() -> None:
    assert without_header(CHECKOUT) == []


# Does it find what is missing? A small collection that is whole, and one thing at a time taken away.

MODULE = '''\
DOCUMENTATION = """
module: ipmi_lamp
short_description: Lights a lamp
description: [Lights a lamp.]
author: [lightsout contributors]
version_added: 0.1.0
extends_documentation_fragment: [lightsout.bmc._connection]
"""
EXAMPLES = """
- name: Light it
  lightsout.bmc.ipmi_lamp:
    state: lit
"""
RETURN = """
lamp: {description: How it is., type: str, returned: always}
"""
'''
TESTS = '''\
@pytest.mark.promise("created", "diff")
def test_lit(): ...

@pytest.mark.promise("unchanged")
@pytest.mark.promise("check_mode")
async def test_again(): ...

@pytest.mark.parametrize("fault", [
    pytest.param("refused", marks=pytest.mark.promise("refused")),
    pytest.param("silent", marks=pytest.mark.promise("unreachable")),
])
def test_faults(fault): ...

class TestSecrets:
    @pytest.mark.promise("no_secret")
    def test_output(self): ...
'''
A_MODULE = "plugins/modules/ipmi_lamp.py"
ITS_TESTS = "tests/integration/simulator/test_ipmi_lamp.py"
FILES = {
    A_MODULE: MODULE,
    "plugins/action/ipmi_lamp.py": "class ActionModule: ...\n",
    "meta/runtime.yml": "action_groups: {ipmi: [ipmi_lamp]}\n",
    "README.md": "| `ipmi_lamp` | lights a lamp |\n",
    "tests/unit/plugins/modules/test_ipmi_lamp.py": "def test_it(): ...\n",
    ITS_TESTS: TESTS,
}


@pytest.fixture
def small(tmp_path: pathlib.Path) -> pathlib.Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_a_whole_collection_lacks_nothing(small: pathlib.Path) -> None:
    assert lacking(small) == []


def test_a_collection_without_modules_lacks_nothing(small: pathlib.Path) -> None:
    shutil.rmtree(small / "plugins")
    assert lacking(small) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "finding"),
    [
        (A_MODULE, "module: ipmi_lamp", "module: ipmi_light", "is not its own"),
        (A_MODULE, "DOCUMENTATION", "DOCUMENTED", "DOCUMENTATION is missing"),
        (A_MODULE, "author:", "writer:", "no author"),
        (A_MODULE, "RETURN", "RETURNED", "RETURN says nothing"),
        (A_MODULE, "lightsout.bmc.ipmi_lamp:", "ipmi_lamp:", "short name"),
        (A_MODULE, "lightsout.bmc.ipmi_lamp:", "debug:", "no task with lightsout.bmc.ipmi_lamp"),
        ("plugins/action/ipmi_lamp.py", "ActionModule", "Action", "no class ActionModule"),
        ("plugins/action/ipmi_lamp.py", None, None, "no action of its name"),
        (A_MODULE, None, None, "an action without a module"),
        ("meta/runtime.yml", "ipmi_lamp", "ipmi_light", "does not list it"),
        ("meta/runtime.yml", "[ipmi_lamp]", "[ipmi_lamp, ipmi_light]", "ipmi_light: the group ipmi lists it"),
        ("README.md", "ipmi_lamp", "ipmi_lamps", "README.md does not name it"),
        ("README.md", None, None, "README.md does not name it"),
        ("tests/unit/plugins/modules/test_ipmi_lamp.py", None, None, "does not exist or has no test"),
        ("tests/unit/plugins/modules/test_ipmi_lamp.py", "test_it", "it", "does not exist or has no test"),
        (ITS_TESTS, None, None, "no test shows 'created'"),
        (ITS_TESTS, '@pytest.mark.promise("created', '@pytest.mark.skip()\n@pytest.mark.promise("created', "no test shows 'diff'"),
        (ITS_TESTS, '"no_secret"', '"no_secrets"', "'no_secrets', which there is not"),
        *[
            (ITS_TESTS, f'"{promise}"', '"created"', f"no test shows '{promise}'")
            for promise in sorted(PROMISES.keys() - {"created"})
        ],
    ],
)
def test_what_is_missing_is_found(small: pathlib.Path, name: str, old: str | None, new: str | None, finding: str) -> None:
    path = small / name
    if name == A_MODULE and old is None:
        # Another module stays, so that the collection is not an empty one.
        shutil.copy(path, path.with_name("ipmi_other.py"))
    if old is None or new is None:
        path.unlink()
    else:
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert finding in "\n".join(lacking(small))


def rewrite(small: pathlib.Path, *changes: tuple[str, str], name: str = "ipmi_lamp") -> None:
    """Give the small collection's files other content, and its module another name."""
    for file in FILES:
        path = small / file
        text = path.read_text(encoding="utf-8")
        for old, new in changes:
            text = text.replace(old, new)
        path.unlink()
        path.with_name(path.name.replace("ipmi_lamp", name)).write_text(text.replace("ipmi_lamp", name), encoding="utf-8")


def test_a_module_that_only_reads_needs_not_create(small: pathlib.Path) -> None:
    rewrite(small, ("._connection]", f"._connection, {COLLECTION}._attributes.info]"), ('"created", "diff"', '"unchanged"'))
    assert lacking(small) == []


UNCONNECTED = ("._connection", "._attributes")
UNLISTED = ("{ipmi: [ipmi_lamp]}", "{ipmi: []}")
TALKS_TO_NONE = (UNCONNECTED, UNLISTED, ('"created", "diff"', '"created"'), ('"unreachable"', '"created"'))


def test_a_module_that_talks_to_no_bmc_needs_neither_the_group_nor_a_bmc(small: pathlib.Path) -> None:
    rewrite(small, *TALKS_TO_NONE, name="lamp")
    assert lacking(small) == []


def test_a_module_that_runs_on_the_host_has_no_action(small: pathlib.Path) -> None:
    rewrite(small, ("._connection]", f"._attributes, {COLLECTION}._attributes.host]"), *TALKS_TO_NONE[1:], name="lamp")
    assert "it has an action" in "\n".join(lacking(small))
    (small / "plugins/action/lamp.py").unlink()
    assert lacking(small) == []


@pytest.mark.parametrize(
    ("name", "changes", "finding"),
    [
        ("lamp", [UNCONNECTED], "lists it in the group ipmi, but it has no connection options"),
        ("lamp", [], "though its name does not begin with ipmi_"),
        ("ipmi_lamp", [UNCONNECTED], "though its name begins with ipmi_"),
        ("lamp", [*TALKS_TO_NONE, ('"check_mode"', '"created"')], "no test shows 'check_mode'"),
    ],
)
def test_a_module_whose_name_or_group_is_wrong_is_found(small: pathlib.Path, name: str, changes: list[tuple[str, str]], finding: str) -> None:
    rewrite(small, *changes, name=name)
    assert finding in "\n".join(lacking(small))


def test_a_file_without_the_licence_is_found(tmp_path: pathlib.Path) -> None:
    for folder in ("plugins", "tests"):
        (tmp_path / folder).mkdir()
    (tmp_path / "plugins/good.py").write_text("\n".join(HEADER) + "\n", encoding="utf-8")
    (tmp_path / "tests/script.py").write_text("\n".join(("#!/usr/bin/env python3", *HEADER)) + "\n", encoding="utf-8")
    (tmp_path / "plugins/bad.py").write_text('"""No licence."""\n', encoding="utf-8")
    (tmp_path / "tests/empty.py").touch()
    assert without_header(tmp_path) == ["plugins/bad.py", "tests/empty.py"]
