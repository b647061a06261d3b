"""Rows of the status page. Written by `actions`, `audit` and `publishing.publish` only."""

from .alert_group import AlertGroup, AlertNote
from .api_key import ApiAnswer, ApiKey, Scope
from .audit import AuditEntry
from .client import Client
from .client_report import ClientReport, ReportSeverity, ReportStep
from .clock_alarm import ClockAlarm
from .component import Component, ComponentGroup, Components
from .contract import (
    Contract,
    ContractContact,
    ContractCoverage,
    ContractService,
    ContractType,
    ContractVersion,
    Period,
    ServiceKind,
)
from .draft import Draft
from .embed import EmbedConfig
from .failure_report import FailureReport
from .incident import Incident, IncidentComponent, IncidentUpdate
from .incoming_hook import CallSource, HookCall, IncomingHook
from .maintenance import EmergencyApproval, Maintenance, MaintenanceComponent, MaintenanceUpdate, MaintenanceWindow
from .mirror import ComponentMirror
from .notice import NoticeSummary
from .outage import Outage
from .publication import Publication
from .remedy import CreditClaim, Decision, RefundDecision
from .series import MaintenanceSeries
from .standing import BudgetState, ContractStanding
from .statement import FrozenStatement, StatementLink, StatementSweep
from .template import Template

__all__ = [
    "AlertGroup",
    "AlertNote",
    "CallSource",
    "HookCall",
    "IncomingHook",
    "ApiAnswer",
    "ApiKey",
    "AuditEntry",
    "BudgetState",
    "Client",
    "ClientReport",
    "ClockAlarm",
    "Component",
    "ComponentGroup",
    "ComponentMirror",
    "Components",
    "Contract",
    "ContractContact",
    "ContractCoverage",
    "ContractService",
    "ContractStanding",
    "ContractType",
    "ContractVersion",
    "CreditClaim",
    "Decision",
    "Draft",
    "EmbedConfig",
    "EmergencyApproval",
    "FailureReport",
    "FrozenStatement",
    "Incident",
    "IncidentComponent",
    "IncidentUpdate",
    "Maintenance",
    "MaintenanceComponent",
    "MaintenanceSeries",
    "MaintenanceUpdate",
    "MaintenanceWindow",
    "NoticeSummary",
    "Outage",
    "Period",
    "Publication",
    "RefundDecision",
    "ReportSeverity",
    "ReportStep",
    "Scope",
    "ServiceKind",
    "StatementLink",
    "StatementSweep",
    "Template",
]
