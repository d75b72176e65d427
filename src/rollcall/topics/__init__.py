"""Topics: what a contact wants to hear about."""
