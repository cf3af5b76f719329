"""What must be remembered: alerts and their steps, the outbox, silences, versions of rules, the audit."""
