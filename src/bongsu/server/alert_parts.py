"""Everything of alerts that REST offers, as parts for `server.app.build`."""

from __future__ import annotations

from bongsu.alert_ports import Alerts, Links
from bongsu.ports import AuditRecords, Clock
from bongsu.server.acknowledgement import AcknowledgePage, Language
from bongsu.server.alerts import AlertRoutes
from bongsu.server.audit import AuditTrail
from bongsu.server.endpoint import Part
from bongsu.server.json_body import JsonBodies
from bongsu.server.silences import SilenceRoutes


def alert_parts(
    *,
    alerts: Alerts,
    audit: AuditRecords,
    clock: Clock,
    bodies: JsonBodies,
    links: Links,
    timezone: str,
    language: Language,
) -> tuple[Part, ...]:
    """The routes of alerts, silences, the audit and the page behind the link in a message.

    `timezone` is that of a silence that names none, `language` what a browser gets that asks for neither of ours.
    """
    return (
        AuditTrail(audit=audit, clock=clock).table(),
        AcknowledgePage(alerts=alerts, links=links, language=language).table(),
        AlertRoutes(alerts=alerts, clock=clock, bodies=bodies).table(),
        SilenceRoutes(alerts=alerts, clock=clock, bodies=bodies, timezone=timezone).table(),
    )
