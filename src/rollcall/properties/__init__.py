"""Contact properties: the custom fields of a team's contacts."""
