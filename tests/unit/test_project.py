"""Rules of the whole project that neither the linter nor the type checker can see.

A rule names what offends it; each is also shown a sample that must offend, so that a blind rule does not pass.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bot.config import Settings

ROOT = Path(__file__).parents[2]

OWNERS: Mapping[str, tuple[str, ...]] = {
    "aiohttp": ("adapters/slack/", "adapters/discord/"),
    "aiosqlite": ("bot/store/",),
    "click": ("bot/cli",),
    "discord": ("adapters/discord/",),
    "faiss": ("bot/index/",),
    "httpx2": ("bot/openai_service/",),
    "msgspec": ("bot/config", "bot/store/"),
    "numpy": ("bot/",),
    "openai": ("bot/openai_service/",),
    "prompt_toolkit": ("adapters/terminal", "bot/cli"),
    "slack_bolt": ("adapters/slack/",),
    "slack_sdk": ("adapters/slack/",),
    "Stemmer": ("bot/memory/lexical.py",),
    "tokenizers": ("bot/embedders/",),
    "yarl": ("adapters/discord/",),
}
"""Where each foreign library may be imported, so that replacing one is a change in one place."""

DISTRIBUTIONS = {"discord": "discord.py", "faiss": "faiss-cpu", "Stemmer": "PyStemmer", "slack_sdk": "slack-bolt"}
"""Which requirement brings a library, where the names differ."""

STARTS_ADAPTERS = "bot/cli/platforms.py"

EXECUTES_DATA = {"pickle", "cPickle", "dill", "marshal", "shelve", "cloudpickle", "joblib"}

BROAD_EXCEPT = {
    "bot/tasks.py": "a background task fails alone",
    "bot/app.py": "a platform's adapter fails alone",
    "bot/store/writer.py": "carried to the caller of the write, where it is raised",
    "adapters/discord/answering.py": "the adapter's call of the assistant: a person always gets an answer",
    "adapters/slack/replying.py": "the same",
}

STARTS_TASKS = {
    "bot/tasks.py": "the runner itself",
    "bot/store/writer.py": "lives as long as its connection, and must outlive every other task",
    "bot/index/faiss_index.py": "a thread cannot be cancelled, so its end is awaited",
}

Trees = Mapping[str, ast.Module]
Rule = Callable[[str, ast.Module], Iterator[str]]


@pytest.fixture(scope="module")
def product() -> Trees:
    """Every module of the product by its path."""
    paths = sorted([*ROOT.glob("bot/**/*.py"), *ROOT.glob("adapters/**/*.py")])
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text("utf-8")) for path in paths}


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "a relative import"


def adapters_imported(path: str, tree: ast.Module) -> Iterator[str]:
    """The bot does not know its platforms; one file starts them, and one asks them."""
    if path.startswith("bot/") and path != STARTS_ADAPTERS:
        yield from (name for name in _imports(tree) if name.partition(".")[0] == "adapters")


def library_outside_its_place(path: str, tree: ast.Module) -> Iterator[str]:
    """A foreign library is imported by its owner alone; a new one needs a line in the table."""
    for name in _imports(tree):
        library = name.partition(".")[0]
        if library not in sys.stdlib_module_names | {"bot", "adapters"} and not path.startswith(
            OWNERS.get(library, ())
        ):
            yield name


def data_executed(path: str, tree: ast.Module) -> Iterator[str]:
    """What was stored is never run as code."""
    yield from (name for name in _imports(tree) if name.partition(".")[0] in EXECUTES_DATA)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("eval", "exec", "compile")
        ):
            yield node.func.id


def broad_except(path: str, tree: ast.Module) -> Iterator[str]:
    """Errors are caught by name; catching all of them is for the places in the table."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            caught = {name.id for name in ast.walk(node.type) if isinstance(name, ast.Name)} if node.type else {"all"}
            if caught & {"all", "BaseException"} or ("Exception" in caught and path not in BROAD_EXCEPT):
                yield f"line {node.lineno}"


def task_started_elsewhere(path: str, tree: ast.Module) -> Iterator[str]:
    """Background work starts in the runner, which ends it too."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and node.attr in ("create_task", "ensure_future")
            and path not in STARTS_TASKS
        ):
            yield f"line {node.lineno}"


def public_without_docstring(path: str, tree: ast.Module) -> Iterator[str]:
    """Modules, and the public classes and functions in them, say what they are."""
    if tree.body and not ast.get_docstring(tree):
        yield "the module"
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]
    for body in (tree.body, *(node.body for node in classes)):
        for node in body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith(
                "_"
            ):
                overload = any(isinstance(mark, ast.Name) and mark.id == "overload" for mark in node.decorator_list)
                if not overload and not ast.get_docstring(node):
                    yield node.name


RULES: Mapping[Rule, tuple[str, str]] = {
    adapters_imported: ("bot/assistant.py", "from adapters.discord import client"),
    library_outside_its_place: ("bot/assistant.py", "import openai.types"),
    data_executed: ("bot/store/rows.py", "def f(x):\n    return eval(x)"),
    broad_except: ("bot/assistant.py", "try:\n    f()\nexcept (OSError, Exception):\n    pass"),
    task_started_elsewhere: ("bot/assistant.py", "asyncio.create_task(f())"),
    public_without_docstring: ("bot/x.py", '"""X."""\nclass A:\n    """A."""\n    def f(self): ...'),
}
"""Each rule with a sample, as path and source, that offends it."""

OTHER_OFFENCES: list[tuple[Rule, str, str]] = [
    (library_outside_its_place, "adapters/slack/app.py", "import unknown_library"),
    (data_executed, "bot/store/rows.py", "from pickle import loads"),
    (broad_except, "bot/tasks.py", "try:\n    f()\nexcept:\n    pass"),
    (broad_except, "bot/tasks.py", "try:\n    f()\nexcept BaseException:\n    pass"),
    (public_without_docstring, "bot/x.py", "x = 1"),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_product_keeps_the_rule(rule: Rule, product: Trees) -> None:
    """No module of the product offends the rule."""
    offences = [f"{path}: {what}" for path, tree in product.items() for what in rule(path, tree)]

    assert not offences, "\n".join(offences)


@pytest.mark.parametrize(
    ("rule", "path", "source"), [*((rule, *sample) for rule, sample in RULES.items()), *OTHER_OFFENCES]
)
def test_rule_sees_an_offence(rule: Rule, path: str, source: str) -> None:
    """The rule names what offends it, once."""
    assert len(list(rule(path, ast.parse(source)))) == 1


def test_every_setting_is_used(product: Trees) -> None:
    """A setting that nothing reads promises what it does not do."""
    read = {node.attr for tree in product.values() for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    tables = {name: getattr(Settings(), name) for name in Settings.__struct_fields__}
    keys = [(name, key) for name, table in tables.items() for key in table.__struct_fields__]
    unread = [f"[{name}] {key}" for name, key in keys if key not in read]

    assert not unread, "\n".join(unread)


def _declared() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return [Requirement(line) for line in [*project["dependencies"], *project["optional-dependencies"]["dev"]]]


def test_every_import_is_a_declared_dependency(product: Trees) -> None:
    """What is imported is asked for by name, not taken from another library's luggage."""
    declared = {canonicalize_name(requirement.name) for requirement in _declared()}
    imported = {name.partition(".")[0] for tree in product.values() for name in _imports(tree)}
    foreign = imported - sys.stdlib_module_names - {"bot", "adapters", "yarl"}  # yarl: part of aiohttp's interface

    assert [name for name in sorted(foreign) if canonicalize_name(DISTRIBUTIONS.get(name, name)) not in declared] == []


def test_constraints_fit_what_is_declared() -> None:
    """Every requirement has one exact version that its lower bound allows, and nothing but versions is written."""
    lines = [line for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if not line.startswith("#")]
    versions = dict(line.split("==") for line in lines)
    exact = {canonicalize_name(name): version for name, version in versions.items()}

    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []
    assert [
        str(wanted) for wanted in _declared() if exact[canonicalize_name(wanted.name)] not in wanted.specifier
    ] == []


def test_named_files_exist() -> None:
    """Files that the package, the Makefile and the README name are there."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = {project["readme"], *project["license-files"], "Procfile", "config.example.toml", ".ci/run"}
    named |= set(re.findall(r"[\w.]+\.(?:toml|txt)\b", (ROOT / "Makefile").read_text("utf-8")))
    links = re.findall(r"\]\(([^)#:]+)[^):]*\)", (ROOT / "README.md").read_text("utf-8"))

    assert [name for name in sorted({*named, *links}) if not (ROOT / name).exists()] == []


def test_named_targets_exist() -> None:
    """Every `make` that the README and the CI call can be made."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    text = (ROOT / "README.md").read_text("utf-8") + (ROOT / ".ci/run").read_text("utf-8")
    called = set(re.findall(r"^(?:\$ )?make ([a-z]+)|`make ([a-z]+)", text, re.MULTILINE))

    assert {name for pair in called for name in pair if name} - targets == set()


def test_modules_are_rooms_not_halls(product: Trees) -> None:
    """A function of more than fifty lines is read twice, so it is written as two."""
    functions = [
        (path, node)
        for path, tree in product.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]

    assert [f"{path}: {node.name}" for path, node in functions if (node.end_lineno or 0) - node.lineno >= 50] == []
