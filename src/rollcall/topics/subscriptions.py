"""What a contact can choose for a topic."""

from __future__ import annotations

import enum


class Subscription(enum.StrEnum):
    """Whether a contact wants to hear about a topic."""

    OPT_IN = "opt_in"
    OPT_OUT = "opt_out"
