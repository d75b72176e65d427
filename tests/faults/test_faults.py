"""Each kind of fault once, at some moment of some imports: all that they do comes out as it must.

`make soak` is the long form of this.
"""

from __future__ import annotations

import pytest

from tests.faults.conftest import Product
from tests.support.faults.kinds import KINDS


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if not kind.needs_bucket])
def test_imports_survive(on_disk: Product, kind: str) -> None:
    on_disk.survive(kind)


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if kind.needs_bucket])
def test_imports_from_a_bucket_survive(in_bucket: Product, kind: str) -> None:
    in_bucket.survive(kind)
