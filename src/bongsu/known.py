"""What can be measured at all, by us: the catalogue of all rooms. Imports their metrics and none of their works."""

from __future__ import annotations

from bongsu.access.metrics import METRICS as ACCESS_METRICS
from bongsu.alerts.acting.metrics import METRICS as ACTION_METRICS
from bongsu.alerts.evaluation.metrics import METRICS as RULE_METRICS
from bongsu.alerts.metrics import METRICS as ALERT_METRICS
from bongsu.collect.checks.metrics import METRICS as CHECK_METRICS
from bongsu.collect.scrape.metrics import METRICS as SCRAPE_METRICS
from bongsu.collect.shop.metrics import metrics as shop_metrics
from bongsu.configuration.metrics import METRICS as SETTINGS_METRICS
from bongsu.history.metrics import METRICS as HISTORY_METRICS
from bongsu.ingest.metrics import METRICS as INGEST_METRICS
from bongsu.live.metrics import METRICS as LIVE_METRICS
from bongsu.model.catalogue import Catalogue, builtin
from bongsu.notify.metrics import METRICS as NOTIFY_METRICS
from bongsu.quality.metrics import METRICS as FEED_METRICS
from bongsu.records.metrics import METRICS as RECORD_METRICS
from bongsu.services.metrics import METRICS as SERVICE_METRICS
from bongsu.settings.model import Settings


def known_metrics(settings: Settings) -> Catalogue:
    """Every metric that our parts make, whichever of them run."""
    catalogue = builtin()
    rooms = (
        *(HISTORY_METRICS, INGEST_METRICS, LIVE_METRICS, CHECK_METRICS, SERVICE_METRICS, SCRAPE_METRICS),
        *(RULE_METRICS, ALERT_METRICS, ACTION_METRICS, NOTIFY_METRICS, RECORD_METRICS),
        *(FEED_METRICS, SETTINGS_METRICS, ACCESS_METRICS, shop_metrics(settings.shop.currency)),
    )
    for metric in (metric for room in rooms for metric in room):
        catalogue.declare(metric)
    return catalogue
