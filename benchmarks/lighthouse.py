"""Lighthouse's four scores for the front page, the history and an incident's page, with 10,000 incidents.

Only where the program is installed (`npm install --global lighthouse`) and a Chromium is;
LIGHTHOUSE names it elsewhere than on PATH. The median of three runs each; the database makes
no difference.
"""

import json
import os
import shutil
import statistics
import subprocess

from benchmarks import histories
from benchmarks.built import site
from benchmarks.sites import Served
from benchmarks.table import Row
from tests import browsers

RUNS = 3
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
PAGES = {"front page": "/", "history": "/history", "incident": "/incidents/i00000000000"}


def run(database: str, quick: bool) -> list[Row]:
    program = os.environ.get("LIGHTHOUSE") or shutil.which("lighthouse")
    browser = browsers.present()
    if not program or not browser:
        missing = "Lighthouse" if browser else "Chromium"
        return [Row("Lighthouse", "100", f"not measured: no {missing} here", None, ">= 1", database)]
    with site(histories.long_ones(quick)[0]).served() as served:
        return [
            row
            for what in PAGES
            for row in rows_of(served, what, [program, str(browser)], 1 if quick else RUNS, database)
        ]


def rows_of(served: Served, what: str, programs: list[str], runs: int, database: str) -> list[Row]:
    """One row a category."""
    found = [scores(f"http://127.0.0.1:{served.port}{PAGES[what]}", *programs) for _ in range(runs)]
    medians = {name: statistics.median(each[name] for each in found) for name in CATEGORIES}
    return [
        Row(f"Lighthouse, {what}: {name}", "100", f"{score * 100:.0f}", score, ">= 1", database)
        for name, score in medians.items()
    ]


def scores(address: str, program: str, browser: str) -> dict[str, float]:
    """0 to 1 for each category; what cost points is said on stderr."""
    flags = " ".join(["--headless=new", *browsers.FLAGS])
    argv = [program, address, "--quiet", "--output=json", f"--chrome-flags={flags}"]
    argv.append(f"--only-categories={','.join(CATEGORIES)}")
    out = subprocess.run(argv, check=True, stdout=subprocess.PIPE, env=os.environ | {"CHROME_PATH": browser}).stdout
    report = json.loads(out)
    for name in CATEGORIES:
        tell(address, report, name)
    return {name: report["categories"][name]["score"] for name in CATEGORIES}


def tell(address: str, report: dict, category: str) -> None:
    """What is not perfect."""
    for each in report["categories"][category]["auditRefs"]:
        audit = report["audits"][each["id"]]
        if each["weight"] and audit["score"] is not None and audit["score"] < 1:
            print(f"{address} {category}: {audit['title']}: {audit.get('displayValue', audit['score'])}", flush=True)
