"""Postmortems: a draft, published as an update of its incident, taken back, thrown away."""

from typing import Any

from django.http import Http404
from ninja import Body, Router, Status

from statuspage.actions import postmortems
from statuspage.actions.base import is_id
from statuspage.models import Incident

from .answers import answers, found, page_of
from .incident_objects import postmortem_of
from .incident_schemas import Postmortem, PostmortemDraftIn, PostmortemTellingIn
from .incidents import PATH, READ, WRITE

router = Router(tags=["postmortems"])

ADDRESS = f"{PATH}/{{incident_id}}/postmortem"


NOTHING_SAID = PostmortemTellingIn()


def incident_of(page_id: str, incident_id: str) -> Incident:
    page_of(page_id)
    if not is_id(incident_id):
        raise Http404("incident")
    return found(Incident, incident_id)


def told(incident: Incident) -> dict[str, Any]:
    return postmortem_of(incident, postmortems.published(incident))


@router.get(ADDRESS, auth=READ, response=answers(Postmortem))
def get_postmortem(request: Any, page_id: str, incident_id: str) -> Any:
    """The draft and what is published; both null where there is neither."""
    return told(incident_of(page_id, incident_id))


@router.put(ADDRESS, auth=WRITE, response=answers(Postmortem))
def draft_postmortem(request: Any, page_id: str, incident_id: str, data: PostmortemDraftIn) -> Any:
    """Keep a draft; what is published stays until the draft is."""
    incident = incident_of(page_id, incident_id)
    body = data.postmortem.body_draft
    return told(postmortems.draft_postmortem(incident=incident, body=body, actor=request.actor))


@router.put(f"{ADDRESS}/publish", auth=WRITE, response=answers(Postmortem))
def publish_postmortem(
    request: Any, page_id: str, incident_id: str, data: Body[PostmortemTellingIn] = NOTHING_SAID
) -> Any:
    """Publish the draft as an update of an incident that is over, told unless `notify_subscribers` is false.

    Over one that is published it corrects that one's text, and tells nobody.
    """
    wish = data.postmortem.notify_subscribers
    incident = incident_of(page_id, incident_id)
    return told(postmortems.publish_postmortem(incident=incident, notify=wish is not False, actor=request.actor))


@router.put(f"{ADDRESS}/revert", auth=WRITE, response=answers(Postmortem))
def revert_postmortem(request: Any, page_id: str, incident_id: str) -> Any:
    """Take it off the page; it is a draft again."""
    return told(postmortems.take_back_postmortem(incident=incident_of(page_id, incident_id), actor=request.actor))


@router.delete(ADDRESS, auth=WRITE, response=answers(None, 204))
def delete_postmortem(request: Any, page_id: str, incident_id: str) -> Any:
    """Take it off the page, and throw the draft away."""
    postmortems.take_back_postmortem(incident=incident_of(page_id, incident_id), keep=False, actor=request.actor)
    return Status(204, None)
