"""Runs one of the Python clients of Statuspage's Manage API: `python_client.py NAME ADDRESS KEY PAGE`.

By the interpreter of the strangers' environment, which has nothing of ours. A line of JSON in, `[call, args, kwargs]`;
a line out, `{"answer": ...}` as the client made it of ours; or the error that it raised, with the answer's status.
"""

import json
import sys


def atlassian_python_api(address, key, page):
    """`page_get_component` and so on, with a Bearer token."""
    from atlassian.statuspage import StatusPage

    client = StatusPage(url=address, token=key)
    return lambda call: getattr(client, call)


def atlassian_statuspage(address, key, page):
    """`ComponentsApi.get_pages_page_id_components` and so on, with the key alone."""
    import atlassian_statuspage as package

    settings = package.Configuration()
    settings.host, settings.api_key["Authorization"] = f"{address}/v1", key
    client = package.ApiClient(settings)

    def find(call):
        room, _dot, method = call.partition(".")
        return getattr(getattr(package, room)(client), method)

    return find


def crunch_statuspageio(address, key, page):
    """`components.list` and so on, with OAuth, and `.json` at the end of addresses."""
    import statuspageio

    client = statuspageio.Client(api_key=key, page_id=page, base_url=address)

    def find(call):
        service, _dot, method = call.partition(".")
        return getattr(getattr(client, service), method)

    return find


def plain(answer):
    """What a client makes of an answer, as JSON can have it."""
    if isinstance(answer, (list, tuple)):
        return [plain(each) for each in answer]
    if hasattr(answer, "to_dict"):
        return answer.to_dict()
    return answer


def status_of(error):
    """Of an HTTP answer that was an error: its status, wherever the client keeps it."""
    places = (getattr(error, "response", None), "status_code"), (error, "http_status"), (error, "status")
    return next((found for where, name in places if (found := getattr(where, name, None))), None)


def main(name, address, key, page):
    find = globals()[name](address, key, page)
    for line in sys.stdin:
        call, args, kwargs = json.loads(line)
        try:
            said = {"answer": plain(find(call)(*args, **kwargs))}
        except Exception as error:
            said = {"error": f"{type(error).__name__}: {error}", "status": status_of(error)}
        print(json.dumps(said, default=str), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
