"""Rules, the life of an alert, silences, escalation: what is wrong, and who must hear of it."""
