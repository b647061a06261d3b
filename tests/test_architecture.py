"""The drawing of the house (docs/architecture.md), made to run: who may import whom."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("statuspage", "notifications")

MAY_IMPORT = {
    "statuspage.events",
    "statuspage.exporting.tables",
    "statuspage.selectors",
    "statuspage.vocabulary",
    "statuspage.ports",
    "statuspage.api.answers",
    "statuspage.api.keys",
    "statuspage.audit",
    "statuspage.handed_mail",
    "statuspage.labels",
    "statuspage.markup",
    "statuspage.own_words",
    "statuspage.roles",
    "statuspage.outward",
    "statuspage.outward.addresses",
    "statuspage.outward.deadline",
    "statuspage.tables",
    "statuspage.text",
    "statuspage.publishing.api_v2",
    "statuspage.publishing.snapshot",
    "statuspage.publishing.documents",
    "statuspage.publishing.html",
    "statuspage.publishing.languages",
    "statuspage.publishing.times",
    "statuspage.public.forms",
    "statuspage.public.strangers",
}
"""What `notifications` may take from `statuspage`: facts and words, never a write."""

PURE = {
    "statuspage/vocabulary.py": set(),
    "statuspage/text.py": set(),
    "statuspage/status.py": {"statuspage.vocabulary"},
    "statuspage/quiet.py": set(),
    "statuspage/outward/addresses.py": set(),
    "statuspage/outward/deadline.py": set(),
    "statuspage/mirroring/asking.py": {"statuspage.outward.addresses", "statuspage.outward.deadline"},
    "statuspage/mirroring/reading.py": {"statuspage.vocabulary", "statuspage.importing.fields", "statuspage.text"},
    "statuspage/mirroring/evidence.py": {"statuspage.mirroring.reading"},
    "statuspage/publishing/snapshot.py": {"statuspage.vocabulary", "statuspage.status", "statuspage.text"},
    "statuspage/publishing/bars.py": {
        "statuspage.vocabulary",
        "statuspage.status",
        "statuspage.publishing.snapshot",
    },
    "statuspage/uptime.py": {"statuspage.publishing.bars", "statuspage.publishing.snapshot"},
    "statuspage/importing/records.py": {"statuspage.vocabulary"},
    "statuspage/importing/timeline.py": {"statuspage.vocabulary", "statuspage.status", "statuspage.importing.records"},
    "notifications/states.py": set(),
    "notifications/retry.py": {"notifications.channels.base", "notifications.states"},
    "notifications/ratelimit.py": set(),
    "notifications/estimate.py": set(),
}
"""Modules without Django, and the only modules of ours they may know."""

WRITERS = {
    "statuspage/actions",
    "statuspage/audit.py",
    "statuspage/publishing/publish.py",
    "statuspage/models/publication.py",
    "notifications/subscriptions",
    "notifications/outbox.py",
    "notifications/fanout.py",
    "notifications/delivery",
    "notifications/receipts.py",
    "notifications/retention.py",
    "notifications/limits.py",
    "notifications/alarms",
    "notifications/tokens.py",
}
"""Rooms that write rows; every other room calls one of these."""

WRITES = {"save", "create", "bulk_create", "bulk_update", "update_or_create", "get_or_create"}


def modules(*folders: str) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_package(path: Path) -> bool:
    return path.name == "__init__.py"


def imports(path: Path) -> set[str]:
    """Full names of all that a module imports, also inside functions."""
    found: set[str] = set()
    here = name_of(path).split(".")
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            up = node.level - (1 if is_package(path) else 0)
            base = here[: len(here) - up] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found |= {resolve(module, alias.name) for alias in node.names}
    return found


def resolve(module: str, name: str) -> str:
    """`from package import module` names the module, `from module import name` the module."""
    inside = ROOT.joinpath(*module.split("."), name)
    return f"{module}.{name}" if inside.with_suffix(".py").exists() or inside.is_dir() else module


def ours(names: set[str]) -> set[str]:
    return {name for name in names if name.split(".")[0] in PACKAGES}


def test_statuspage_never_imports_notifications():
    offenders = {
        str(path): name
        for path in modules("statuspage")
        for name in imports(path)
        if name.split(".")[0] == "notifications"
    }
    assert offenders == {}


def test_notifications_takes_only_the_published_contract():
    offenders = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in modules("notifications")
        for name in imports(path)
        if name.startswith("statuspage") and name not in MAY_IMPORT
    }
    assert offenders == set()


@pytest.mark.parametrize("file", PURE)
def test_pure_modules_know_no_framework(file):
    names = imports(ROOT / file)
    allowed = PURE[file]
    assert ours(names) <= allowed
    roots = {name.split(".")[0] for name in names - ours(names)}
    assert roots <= set(sys.stdlib_module_names)


def test_service_levels_know_no_framework():
    for path in modules("statuspage/sla"):
        names = imports(path)
        outside = {name for name in ours(names) if not name.startswith("statuspage.sla")}
        assert outside <= {"statuspage.vocabulary"}, path
        assert {name.split(".")[0] for name in names - ours(names)} <= set(sys.stdlib_module_names), path


def test_alerts_are_judged_without_a_framework():
    for path in modules("statuspage/alerting"):
        names = imports(path)
        known = {"statuspage.vocabulary", "statuspage.status", "statuspage.text"}
        assert {each for each in ours(names) if not each.startswith("statuspage.alerting")} <= known, path
        assert {each.split(".")[0] for each in names - ours(names)} <= set(sys.stdlib_module_names), path


def test_channels_know_neither_models_nor_settings():
    for path in modules("notifications/channels"):
        names = imports(path)
        assert not any("models" in name for name in ours(names)), path
        assert not any(name.startswith("django") for name in names), path
        assert all(name.startswith(("notifications.channels", "statuspage.outward")) for name in ours(names)), path


def test_nothing_listens_to_saving():
    offenders = [path for path in modules(*PACKAGES) if "post_save" in path.read_text()]
    assert offenders == []


OWN_CLOCKS = {"timezone.now", "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"}
"""A machine's; whatever is stored goes by the database's (`selectors.database_now`), which all machines share."""


def test_actions_read_no_clock_but_the_databases():
    offenders = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in modules("statuspage/actions")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in OWN_CLOCKS
    ]
    assert offenders == []


def test_rows_are_written_in_their_rooms_only():
    offenders = []
    for path in modules(*PACKAGES):
        relative = str(path.relative_to(ROOT))
        if any(relative.startswith(room) for room in WRITERS):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if is_write(node):
                offenders.append(f"{relative}:{node.lineno}")
    assert offenders == []


def is_write(node: ast.AST) -> bool:
    """A call such as `X.objects.create(...)` or `row.save(...)`."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    called = ast.unparse(node.func.value)
    if node.func.attr in {"update", "delete", "set", "add"}:
        return "objects" in called or called.endswith((".groups", ".components", ".claims", ".updates"))
    return node.func.attr in WRITES and ("objects" in called or node.func.attr == "save" or called.endswith(".updates"))


def test_no_setting_is_read_at_import():
    offenders = []
    for path in modules(*PACKAGES):
        if path.name in {"settings.py", "urls.py", "celery.py"}:
            continue
        for node in run_at_import(ast.parse(path.read_text()).body):
            for part in ast.walk(node):
                # Django's models name the user's model so, and it cannot change at run time.
                is_read = isinstance(part, ast.Attribute) and part.attr != "AUTH_USER_MODEL"
                if is_read and ast.unparse(part.value) == "settings":
                    offenders.append(f"{path.relative_to(ROOT)}:{part.lineno}")
    assert offenders == []


def run_at_import(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """What runs when a module is read: statements, class bodies, decorators and defaults."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from node.decorator_list
            yield from run_at_import(node.body)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from node.decorator_list
            yield from (each for each in (*node.args.defaults, *node.args.kw_defaults) if each)
        else:
            yield node


def test_tasks_hold_no_rule():
    """A Celery task fetches and calls: its body is a few lines, without a branch."""
    for path in (ROOT / "statuspage/tasks.py", ROOT / "notifications/tasks.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                branches = (ast.If, ast.IfExp, ast.For, ast.While, ast.Try, ast.Match)
                assert not any(isinstance(part, branches) for part in ast.walk(node)), node.name


ALONE = """
import os, sys, tempfile
from pathlib import Path
folder = Path(tempfile.mkdtemp())
os.environ.update(DATABASE_URL=f"sqlite:///{folder}/db.sqlite3", SECRET_KEY="alone",
    SITE_URL="http://127.0.0.1:8000", PUBLISH_ROOT=str(folder / "public"))
import statuspage.settings as settings
settings.INSTALLED_APPS.remove("notifications")
os.environ["DJANGO_SETTINGS_MODULE"] = "statuspage.settings"
import django
django.setup()
from django.core.management import call_command
call_command("check")
call_command("migrate", verbosity=0)
from statuspage import audit, ports
from statuspage.actions import components, incidents
api = components.create_component(name="API", actor=audit.SYSTEM)
incidents.open_incident(name="API is down", body="Requests fail.",
    components={api.pk: "major_outage"}, actor=audit.SYSTEM)
from statuspage.wsgi import application
said = []
environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "SERVER_NAME": "x", "SERVER_PORT": "80"}
body = b"".join(application(environ, lambda status, headers: said.append(status)))
assert said == ["200 OK"], said
assert b"API is down" in body
assert ports.progress("x") is None
assert not [name for name in sys.modules if name.split(".")[0] == "notifications"]
print("alone and well")
"""


def test_a_status_page_without_notifications_starts_and_publishes():
    ran = subprocess.run([sys.executable, "-c", ALONE], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert ran.stdout.strip().endswith("alone and well"), ran.stderr
