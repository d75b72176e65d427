"""What a browser is told of every page: whose scripts run, where forms go, and to keep nothing."""

from __future__ import annotations

# There is no script and no style in a page itself, and nothing comes from elsewhere.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
STATIC_HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}
PAGE_HEADERS = STATIC_HEADERS | {"cache-control": "no-store"}
