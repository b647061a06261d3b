"""Which file answers which addresses of the API, all below `/v1`.

To add a room: write `statuspage/api/things.py` with a router, then name it in ROUTERS.

    from ninja import Query, Router, Schema, Status

    from .answers import Paging, Sent, answers, found, page_of, paged
    from .keys import Scope, needs

    router = Router(tags=["things"])

    @router.get("/pages/{page_id}/things", auth=needs(Scope.READ), response=answers(list[Thing]))
    def list_things(request, page_id: str, paging: Query[Paging]):
        page_of(page_id)
        return [thing_of(row) for row in paged(Model.objects.all(), paging)]

    @router.post("/pages/{page_id}/things", auth=needs(Scope.INCIDENTS), response=answers(Thing, 201))
    def create_thing(request, page_id: str, data: ThingIn):
        page_of(page_id)
        return Status(201, thing_of(some_action(actor=request.actor, **data.thing.model_dump(exclude_unset=True))))

- Addresses have no slash at the end and no `.json`: `paths.py` takes that off before Django looks.
- Every function has its name as the operation's id, so names are unique in the whole API.
- Raise what the actions raise: `errors.py` makes the answer. `answers.Refused(status, message)` for the rest.
- Every write is one transaction, undone where the answer is an error: an operation may call several actions.
- Forms arrive as the same dictionary as JSON, all values as text: `"true"`, `"3"` and `""` must be taken.
- What is sent is a class of `answers.Sent`, what is answered one of `ninja.Schema` with every key of Statuspage's.
  Fields that nobody knows are ignored, as Statuspage does.
- A plain view outside of `/v1` that machines call with a key is decorated with `door.hook(Scope.ALERTS)`.
"""

from django.apps import apps
from ninja import NinjaAPI

ROUTERS = (
    "statuspage.api.pages.router",
    "statuspage.api.components.router",
    "statuspage.api.groups.router",
    "statuspage.api.uptime.router",
    "statuspage.api.embed_config.router",
    "statuspage.api.incidents.router",
    "statuspage.api.postmortems.router",
    "statuspage.api.incident_templates.router",
)
"""By name, in the order of the document."""

OF_NOTIFICATIONS: tuple[str, ...] = (
    "notifications.api.subscribers.router",
    "notifications.api.incident_subscribers.router",
)
"""Only where that application is installed."""


def add_to(api: NinjaAPI) -> None:
    for router in (*ROUTERS, *(OF_NOTIFICATIONS if apps.is_installed("notifications") else ())):
        api.add_router("", router)
