"""Browser windows on snapshots: what a reader gets, and what the page does while it stands open."""

from notifications import pages
from statuspage.public import reporting
from statuspage.publishing import api_v2, html, languages, widget
from statuspage.publishing.snapshot import Month

SITE = "https://status.example.com"


class Window:
    """A browser window on a snapshot that can be replaced, as a publication replaces it.

    A path in `behind` is answered by a server that still has that older snapshot, one in `refused` with an error.
    """

    def __init__(self, chromium, snapshot, **options):
        self.snapshot, self.asked, self.complaints, self.is_down = snapshot, [], [], False
        self.behind, self.refused = {}, set()
        self.context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.route("**/*", self.answer)

    def documents(self, snapshot=None):
        snapshot = snapshot or self.snapshot
        entries = (*snapshot.incidents, *snapshot.maintenances)
        month = Month(key="2026-11", entries=entries, earlier="2026-10", later=None)
        found = [*html.hot(snapshot), *api_v2.documents(snapshot), *html.month_page(snapshot, month)]
        found += [each for entry in entries[:3] for each in html.entry_page(snapshot, entry)]
        found += [*reporting.documents(snapshot), *pages.documents(snapshot), *widget.documents(snapshot)]
        return {each.path: each for each in found}

    def paths(self, prefix=""):
        """Its pages in one language."""
        elsewhere = tuple(each.prefix for each in languages.published() if each.prefix not in {"", prefix})
        found = [path for path in self.documents() if not path.endswith((".json", ".js"))]
        return [path for path in found if path.startswith(prefix) and not path.startswith(elsewhere)]

    def answer(self, route):
        path = route.request.url.removeprefix(SITE)
        self.asked.append(path)
        if self.is_down:
            return route.abort()
        if path in self.refused:
            return route.fulfill(status=503, body="")
        snapshot = self.behind.get(path, self.snapshot)
        document = self.documents(snapshot)[path]
        headers = {"ETag": f'"{snapshot.revision}"', "Content-Security-Policy": html.csp()}
        if route.request.headers.get("if-none-match") == headers["ETag"]:
            return route.fulfill(status=304, headers=headers)
        return route.fulfill(body=document.render(), content_type=document.content_type, headers=headers)

    def open(self, path="/"):
        self.page.goto(SITE + path)
        return self.page

    def words(self):
        return " ".join(self.page.inner_text("body").split())

    def wait(self, seconds):
        """Let so much of the page's own time pass, answers included."""
        for _ in range(seconds):
            self.page.clock.run_for(1000)
        self.page.wait_for_timeout(100)
