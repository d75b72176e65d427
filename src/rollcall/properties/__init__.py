"""Contact properties: the custom fields of a team's contacts.

In: definitions, from `/contact-properties` or with an upload. Out: rows of definitions, and values
read by them. For contacts and for imports, which read cells by the same rules.
"""
