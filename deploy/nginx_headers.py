"""Prints what nginx has to know of this release: the Content-Security-Policy of its pages.

    python3 -m deploy.nginx_headers /var/lib/status-page/public > /etc/nginx/status-page-headers.conf

The policy names the hashes of the page's own style and script, so it changes with a release and with BRAND_* settings;
without that the file stays as it is.
"""

import json
import sys
from pathlib import Path


def policy_map(published: Path) -> str:
    """An nginx `map` that gives pages their policy and everything else none."""
    policy = json.loads((published / "current" / "manifest.json").read_text())["csp"]
    assert '"' not in policy, "the policy would end its own quotes"
    framed = policy.replace("frame-ancestors 'none'", "frame-ancestors *")
    # By the file, not by the answer's type: a 304 has none. The first that matches: one page other sites may frame.
    rules = (("^(/[a-z][a-z])?/embed\\.html$", framed), ("\\.html$", policy))
    return "map $uri $status_page_policy {\n" + "".join(f'    ~{rule} "{each}";\n' for rule, each in rules) + "}\n"


def main() -> int:
    """Print the map for the folder that is named."""
    if len(sys.argv) != 2:
        print("error: name the published folder", file=sys.stderr)
        return 2
    try:
        print(policy_map(Path(sys.argv[1])), end="")
    except FileNotFoundError as error:
        print(f"error: {error.filename}: nothing is published there; run manage.py publish first", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
