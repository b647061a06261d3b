"""`python -m translations [renew | compile | check] [language ...]`: all of them where none is named."""

import sys

from . import catalogues, checks, extract


def main(arguments: list[str]) -> int:
    """Exit status 0 done, 1 found wanting, 2 not understood."""
    command, *languages = arguments or ["renew"]
    if unknown := set(languages) - set(catalogues.PLURALS):
        print(f"language: {', '.join(sorted(unknown))}: not one of {', '.join(catalogues.PLURALS)}", file=sys.stderr)
        return 2
    languages = languages or list(catalogues.PLURALS)
    if command == "renew":
        catalogues.renew(languages, extract.template())
    elif command == "compile":
        for language in languages:
            catalogues.compile_one(language)
    elif command == "check":
        return check(languages)
    else:
        print(f"command: {command}: not one of renew, compile, check", file=sys.stderr)
        return 2
    return 0


def check(languages: list[str]) -> int:
    template = extract.template()
    found = [problem for language in languages for problem in checks.problems(language, template)]
    print("\n".join(found) or "ok")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
