"""Messages to people: channels, texts, and the way from the outbox to each channel."""
