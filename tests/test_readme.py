"""README says what is so: its table of settings is the one that settings.py reads."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
READERS = {
    "str",
    "list",
    "required",
    "whole",
    "number",
    "switch",
    "zone",
    "one_of",
    "colour",
    "domain",
    "sender",
    "hosts",
    "links",
    "some_of",
    "between",
}


def read_by_settings() -> dict[str, str | None]:
    """Every variable that settings.py reads, with its default where that is a plain value."""
    found: dict[str, str | None] = {}
    for node in ast.walk(ast.parse((ROOT / "statuspage/settings.py").read_text())):
        if isinstance(node, ast.Call) and name_of(node.func) in READERS and node.args:
            variable = node.args[0]
            if isinstance(variable, ast.Constant) and str(variable.value).isupper():
                found[str(variable.value)] = found.get(str(variable.value)) or default_of(node)
    return found


def name_of(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def default_of(call: ast.Call) -> str | None:
    """A number or a text given as the default; None for what is computed."""
    given = [*call.args[1:], *(keyword.value for keyword in call.keywords)]
    plain = [each.value for each in given if isinstance(each, ast.Constant)]
    return f"{plain[0]:g}" if plain and isinstance(plain[0], int | float) else (plain[0] if plain else None)


def told_by_readme() -> dict[str, str]:
    """The rows of the table: variable -> default, without its quotes."""
    table = (ROOT / "README.md").read_text().split("<!-- settings:")[1].split("<!-- /settings")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.+?) \|$", table, re.MULTILINE)
    return {name: default.strip("`") for name, default, _ in rows}


def test_the_table_names_every_setting_and_no_other():
    assert sorted(told_by_readme()) == sorted(read_by_settings())


def test_the_table_tells_the_defaults():
    told = told_by_readme()
    numbers = {name: default for name, default in read_by_settings().items() if default and default[0].isdigit()}
    assert {name: told[name] for name in numbers} == {name: f"{float(value):.0f}" for name, value in numbers.items()}


def test_the_commands_it_names_exist():
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = set(re.findall(r"`make ([a-z-]+)`", (ROOT / "README.md").read_text()))
    assert named <= set(targets)


def test_what_it_links_to_exists():
    links = re.findall(r"\]\(([\w./-]+)\)", (ROOT / "README.md").read_text())
    assert [link for link in links if not (ROOT / link).exists()] == []
