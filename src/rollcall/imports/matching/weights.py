"""How much each piece of evidence counts. A score near 1 is certainty, one near 0 is nothing.

The project's own header rows are read right with them; none of them is about one product.
"""

from __future__ import annotations

# From which score on a suggestion is made, and how sure it is.
CERTAIN = 0.9
LIKELY = 0.6
UNSURE = 0.45

# The name says it.
NAMED = 0.9
NAMED_ALONE = 0.95

# What stands beside it in the name, once for each kind: whose it is, and which one of several.
BESIDE = {
    "filler": 0.0,
    "own": 0.0,
    "main": 0.05,
    "second": -0.2,
    "billing": -0.15,
    "shipping": -0.25,
    "other": -0.6,
}
NUMBER_BESIDE = -0.25
AGAINST = -0.7
# A word that nobody knows: `Acme Email` is an address, `Acme Name` may be anything's name.
UNKNOWN = {"email": -0.12, "first_name": -0.3, "last_name": -0.3, "full_name": -0.4, "name": -0.5}
UNKNOWN_BESIDE_CONSENT = -0.2
# Questions have words of all sorts in them.
IN_QUESTION = 0.4
# A flag says it best; a reason for having gone is there only for some.
OPT_OUT = 0.03
REASON = -0.1
# `active` and `inactive` are said of much else.
ONLY_ACTIVE = -0.25
# Some of the states are none of a subscription.
MORE_STATES = -0.15
# The most that a name reaches whose cells have nothing to prove it.
UNPROVEN = 0.5

# What the cells say.
MOST_ARE = 0.1
SOME_ARE = -0.05
FEW_ARE = -0.35
EMPTY = -0.05
# Without a word in the name, only the cells speak.
ONLY_CELLS = 0.7
# A login or a name that is shown, where its cells are first and last names.
SHOWN_NAME = 0.65
ALWAYS_THE_SAME = -0.2
SELDOM_FILLED = -0.2
LATER_IN_FILE = -0.0005
LIKE_THE_EMAIL = 0.2
INSIDE_ADDRESSES = 0.65
