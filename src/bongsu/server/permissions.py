"""Who may what: the table, written by hand.

Each endpoint asks for one permission (`model.user.Permission` says what each means and which roles and scopes have it),
and so does each page and each topic of the live socket. An endpoint that isn't here asks for `admin`, and a test fails:
`tests/unit/server/test_permissions.py` holds every cell.
"""

from __future__ import annotations

from collections.abc import Mapping

from bongsu.model.metric import Topic
from bongsu.model.user import Permission

ENDPOINTS: Mapping[str, Permission] = {
    # measurements
    "POST /api/v1/samples": "push",
    "GET /api/v1/metrics": "read",
    "GET /api/v1/metrics/{name}/history": "read",
    "GET /api/v1/query": "read",
    "GET /api/v1/processes": "read",
    "GET /metrics": "read",
    # alerts
    "POST /api/v1/alerts": "push",
    "GET /api/v1/alerts": "read",
    "GET /api/v1/alerts/{id}": "read",
    "POST /api/v1/alerts/{id}/acknowledge": "operate",
    "POST /api/v1/alerts/{id}/unacknowledge": "operate",
    "POST /api/v1/alerts/{id}/resolve": "operate",
    "GET /ack/{token}": "open",  # the link in a message is signed and expires
    "POST /ack/{token}": "open",
    "GET /api/v1/silences": "read",
    "POST /api/v1/silences": "operate",
    "DELETE /api/v1/silences/{id}": "operate",
    "GET /api/v1/rules": "read",
    "POST /api/v1/rules": "admin",
    "POST /api/v1/rules/backtest": "operate",
    "POST /api/v1/rules/preview": "operate",
    "GET /api/v1/rules/{id}": "read",
    "PUT /api/v1/rules/{id}": "admin",
    "DELETE /api/v1/rules/{id}": "admin",
    "GET /api/v1/rules/{id}/versions": "read",
    "POST /api/v1/rules/{id}/rollback": "admin",
    "GET /api/v1/channels": "read",
    "POST /api/v1/channels/{name}/test": "operate",
    "GET /api/v1/notifications": "read",
    "POST /api/v1/notifications": "operate",
    "POST /api/v1/notifications/{id}/resend": "operate",
    # anomalies, feeds, services, shop, checks
    "GET /api/v1/anomalies": "read",
    "GET /api/v1/anomalies/band": "read",
    "POST /api/v1/events": "push",
    "GET /api/v1/quality": "read",
    "GET /api/v1/quality/{feed}.csv": "read",
    "GET /api/v1/quality/{feed}": "read",
    "GET /api/v1/quality/{feed}/{symbol}": "read",
    "POST /api/v1/requests": "push",
    "GET /api/v1/services": "read",
    "GET /api/v1/shop": "read",
    "GET /api/v1/checks": "read",
    "GET /api/v1/connections": "read",
    "GET /api/v1/marks": "read",
    "POST /api/v1/marks": "operate",
    "DELETE /api/v1/marks/{id}": "operate",
    # settings; secrets are masked in every answer
    "GET /api/v1/settings": "read",
    "GET /api/v1/settings/schema": "read",
    "GET /api/v1/settings/versions": "read",
    "GET /api/v1/settings/export": "admin",
    "POST /api/v1/settings/preview": "admin",
    "PUT /api/v1/settings": "admin",
    "POST /api/v1/settings/rollback": "admin",
    # accounts
    "GET /api/v1/session": "open",  # how a page learns that somebody must sign in
    "POST /api/v1/session": "open",
    "DELETE /api/v1/session": "person",
    "GET /api/v1/sessions": "own",  # one's own; an admin sees and ends all
    "DELETE /api/v1/sessions/{id}": "own",
    "GET /api/v1/users": "admin",
    "POST /api/v1/users": "admin",
    "POST /api/v1/users/me/password": "person",
    "PUT /api/v1/users/{name}": "admin",
    "DELETE /api/v1/users/{name}": "admin",
    "GET /api/v1/tokens": "admin",
    "POST /api/v1/tokens": "admin",
    "DELETE /api/v1/tokens/{id}": "admin",
    "GET /api/v1/audit": "admin",
    # the server itself
    "GET /healthz": "open",
    "GET /readyz": "open",
    "GET /openapi.json": "read",
    "GET /docs": "read",
    "GET /docs/page.css": "read",
    "GET /docs/page.js": "read",
    # the board; its pages are views of one address, and each is filled by the endpoints above
    "GET /": "open",  # leads to the board
    "GET /monitoring/dashboard": "read",
    "GET /monitoring/boot.json": "read",
    "GET /signin": "open",
    "GET /assets/{path}": "open",  # scripts and styles, the same for everybody
}

PAGES: frozenset[str] = frozenset({"/monitoring/dashboard", "/docs"})
"""What a browser is sent to sign in for, instead of being told that it must."""

TOPICS: Mapping[Topic, Permission] = {
    "system": "read",
    "shop": "read",
    "checks": "read",
    "feeds": "read",
    "services": "read",
    "alerts": "read",
    "custom": "read",
}
"""The live socket, topic by topic."""

CONSOLE: Mapping[str, Permission] = {
    "system": "read",
    "data": "read",
    "alerts": "read",
    "performance": "read",
    "settings": "read",
}
"""The console's pages; what its live parts command is asked of the endpoints above, as whoever is signed in."""
