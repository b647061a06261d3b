"""Contracts as data: what a type promises, and what was agreed with a client from when until when."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from statuspage.sla.contracts import Redundancy

from .base import only, public_id
from .client import Client
from .component import Component


class Period(models.TextChoices):
    """For which time a target is promised."""

    MONTH = "month", _("calendar month")
    YEAR = "year", _("calendar year")


class ServiceKind(models.TextChoices):
    """What a contracted service is to a client that may be connected twice."""

    SERVICE = "service", _("service")
    PRIMARY = "primary", _("primary gateway")
    SECONDARY = "secondary", _("secondary gateway")


class ContractType(models.Model):
    """The figures of one kind of contract. Never changed, since contracts were signed on them; others are another row.

    Numbers are decimal strings, spans are seconds: nothing here is a float. `contracted.terms_of`
    makes a `sla.contracts.Contract` of it. A `preset` is the row of a contract that is shipped, made
    when the first client has it.
    """

    id = public_id()
    name = models.CharField(max_length=255)
    preset = models.CharField(max_length=32, blank=True, editable=False)
    period = models.CharField(max_length=8, choices=Period.choices)
    time_zone = models.CharField(max_length=64, default="UTC")
    """Whose calendar a new contract of this type goes by, unless it names another zone."""
    targets = models.JSONField()
    """Per cent by redundancy, {"single": "99.8", "redundant": "99.99"}; {"": "99.99"} where it makes no difference."""
    not_counted = models.JSONField()
    bands = models.JSONField(default=list)
    """Best first: [{"at_least": "99", "days": 3}], per cent and days."""
    claim_days = models.PositiveIntegerField(default=0)
    most_days = models.PositiveIntegerField(default=0)
    severities = models.JSONField(default=dict)
    """{"1": {"response": 1800, "fix": 14400, "progress": 3600}} in seconds; progress null: at resolution only."""
    refunds = models.JSONField(default=list)
    """[{"severity": 2, "more_than": 5, "dates": 28, "share": "25"}], the share in per cent or null."""
    created_at = models.DateTimeField()
    key = models.CharField(max_length=255, null=True, blank=True, unique=True, editable=False)
    """The form it came from: pressing twice makes one."""

    class Meta:
        ordering = ["name"]
        constraints = [only("period", Period, "contract_type_period_known")]

    def __str__(self) -> str:
        return self.name


class Contract(models.Model):
    """One agreement with a client. What was agreed stands in its versions."""

    id = public_id()
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="contracts")
    name = models.CharField(max_length=255, unique=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(fields=["-created_at", "-id"], name="contract_newest")]

    def __str__(self) -> str:
        return self.name


class ContractVersion(models.Model):
    """What was agreed, in force in [valid_from, valid_until). Only its end, or that it was withdrawn, is written again.

    Versions in force follow one another without a gap and without overlap. One that a correction
    replaced from its first day on stays as evidence with `withdrawn_at`.
    """

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    type = models.ForeignKey(ContractType, on_delete=models.PROTECT, related_name="versions")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    """As agreed: the first day without contract, in the contract's zone; None: until it is ended."""
    valid_from = models.DateTimeField(editable=False)
    valid_until = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    time_zone = models.CharField(max_length=64)
    redundancy = models.CharField(max_length=16, blank=True)
    report_channels = models.JSONField(default=list)
    subscription_amount = models.CharField(max_length=32, blank=True)
    """A decimal string; with its currency (ISO 4217) or empty."""
    subscription_currency = models.CharField(max_length=3, blank=True)
    reason = models.TextField(blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    key = models.CharField(max_length=255, null=True, blank=True, unique=True, editable=False)
    """The form it came from: pressing twice records one."""

    class Meta:
        ordering = ["valid_from", "number"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "number"], name="contract_version_once"),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="contract_version_has_length",
            ),
            models.CheckConstraint(
                condition=Q(redundancy__in=["", *(each.value for each in Redundancy)]),
                name="contract_redundancy_known",
            ),
            models.UniqueConstraint(
                fields=["contract", "valid_from"], condition=Q(withdrawn_at=None), name="contract_one_from"
            ),
            models.UniqueConstraint(
                fields=["contract", "valid_until"], condition=Q(withdrawn_at=None), name="contract_one_until"
            ),
            models.UniqueConstraint(
                fields=["contract"], condition=Q(withdrawn_at=None, valid_until=None), name="contract_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} version {self.number}"


class ContractService(models.Model):
    """A service of a contract by its name, or one of a client's two gateways."""

    version = models.ForeignKey(ContractVersion, on_delete=models.CASCADE, related_name="services")
    kind = models.CharField(max_length=16, choices=ServiceKind.choices, default=ServiceKind.SERVICE)
    name = models.CharField(max_length=255)
    position = models.PositiveIntegerField(default=1)
    components = models.ManyToManyField(Component, through="ContractCoverage", related_name="contract_services")

    class Meta:
        ordering = ["position"]
        constraints = [
            only("kind", ServiceKind, "contract_service_kind_known"),
            models.UniqueConstraint(fields=["version", "name"], name="contract_service_once"),
            models.UniqueConstraint(
                fields=["version", "kind"], condition=~Q(kind="service"), name="contract_gateway_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ContractCoverage(models.Model):
    """A component that a service covers in [covered_from, covered_until): its version's dates, kept here for the index.

    Of a version that was withdrawn the interval is empty.
    """

    service = models.ForeignKey(ContractService, on_delete=models.CASCADE, related_name="coverages")
    component = models.ForeignKey(Component, on_delete=models.PROTECT, related_name="coverages")
    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="coverages")
    covered_from = models.DateTimeField()
    covered_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service", "component"], name="contract_coverage_once"),
            models.CheckConstraint(
                condition=Q(covered_until__isnull=True) | Q(covered_until__gte=F("covered_from")),
                name="contract_coverage_in_order",
            ),
        ]
        # Which contracts an incident or a window concerns: asked while somebody types.
        indexes = [models.Index(fields=["component", "covered_from"], name="contract_coverage_by_component")]

    def __str__(self) -> str:
        return f"{self.service_id}: {self.component_id}"


class ContractContact(models.Model):
    """Somebody at the client: who is told, and whose word reports a failure. By e-mail, by phone, or both."""

    version = models.ForeignKey(ContractVersion, on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField(max_length=255, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=20, blank=True)
    """E.164: + and digits."""

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(email="") | ~Q(phone=""), name="contract_contact_can_be_reached")
        ]
        indexes = [models.Index(fields=["email"], condition=~Q(email=""), name="contract_contact_by_email")]

    def __str__(self) -> str:
        return self.name or self.email or self.phone
