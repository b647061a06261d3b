"""nginx serves the published folder itself: every file has there the type it has from the program."""

import re
from pathlib import Path

import pytest

from statuspage.publishing import publish, store

from .given import component

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("publish_root")]

CONF = (Path(__file__).resolve().parents[2] / "deploy" / "nginx.conf").read_text()


def test_nginx_knows_the_type_of_everything_that_is_published():
    component("API")
    publish.publish()
    block = re.search(r"types \{(.*?)\}", CONF, re.DOTALL)[1]
    types = {suffix: kind for kind, *suffixes in map(str.split, block.split(";")[:-1]) for suffix in suffixes}
    with_charset = {"text/html", *re.search(r"charset_types ([^;]+);", CONF)[1].split()}
    for path, held in store.read_manifest(store.root()).documents.items():
        kind = types.get(Path(held.file).suffix.removeprefix("."))
        assert f"{kind}; charset=utf-8" == held.content_type, path
        assert kind in with_charset, path


@pytest.mark.parametrize(
    "path", ["/subscriptions/token", "/unsubscribe/token", "/hooks/bounce?recipient=bounce%2Btoken"]
)
def test_addresses_that_let_their_reader_act_get_into_no_log(path):
    kept_out = re.search(r"~\*(\S+) 0;", CONF)[1]
    assert re.match(kept_out, path) and not re.match(kept_out, "/subscribe")
    assert CONF.count("if=$status_page_logged;") == CONF.count("server_name")
