"""How the widget looks on other people's pages."""

from typing import Annotated, Any, Literal

from ninja import Router, Schema
from pydantic import Field

from statuspage import selectors
from statuspage.actions import embed
from statuspage.models import EmbedConfig

from .answers import Sent, answers, page_of
from .keys import Scope, needs

router = Router(tags=["status embed config"])

ROOM = "/pages/{page_id}/status_embed_config"


class StatusEmbedConfig(Schema):
    """In which corner of other people's pages the widget stands, and its colours (`#RRGGBB`)."""

    page_id: str
    position: str
    incident_background_color: str
    incident_text_color: str
    maintenance_background_color: str
    maintenance_text_color: str


Color = Annotated[str, Field(pattern=r"^\s*#?([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})\s*$")]
"""`#DE350B`, `de350b` or `#D30`."""


class EmbedFields(Sent):
    """What to change."""

    position: Literal["top-left", "top-right", "bottom-left", "bottom-right"] | None = None
    incident_background_color: Color | None = None
    incident_text_color: Color | None = None
    maintenance_background_color: Color | None = None
    maintenance_text_color: Color | None = None


class EmbedIn(EmbedFields):
    """The fields in `status_embed_config`; `atlassian-python-api` sends them bare."""

    status_embed_config: EmbedFields | None = None

    def said(self) -> dict[str, str]:
        inner = self.status_embed_config or EmbedFields()
        bare: dict[str, str] = self.model_dump(exclude={"status_embed_config"}, exclude_none=True)
        return {**inner.model_dump(exclude_none=True), **bare}


@router.get(ROOM, auth=needs(Scope.READ), response=answers(StatusEmbedConfig))
def get_status_embed_config(request: Any, page_id: str) -> Any:
    """How the widget looks."""
    page_of(page_id)
    return config_facts(selectors.embed_config(), page_id)


@router.patch(ROOM, auth=needs(Scope.COMPONENTS), response=answers(StatusEmbedConfig))
def update_status_embed_config(request: Any, page_id: str, data: EmbedIn) -> Any:
    """Change what is sent."""
    return changed(request, page_id, data)


@router.put(ROOM, auth=needs(Scope.COMPONENTS), response=answers(StatusEmbedConfig))
def replace_status_embed_config(request: Any, page_id: str, data: EmbedIn) -> Any:
    """The same as PATCH: what is not sent stays."""
    return changed(request, page_id, data)


def changed(request: Any, page_id: str, data: EmbedIn) -> dict[str, str]:
    page_of(page_id)
    return config_facts(embed.set_embed_config(actor=request.actor, **data.said()), page_id)


def config_facts(config: EmbedConfig, page_id: str) -> dict[str, str]:
    return {"page_id": page_id, **embed.facts_of(config)}
