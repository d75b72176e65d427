"""What a run tells in the end: what was survived, and what came out otherwise than it must."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.support.faults.kinds import KINDS
from tests.support.faults.rounds import Round


@dataclass
class Report:
    """The sums of all rounds of a run."""

    seed: str
    seconds: float = 0.0
    rounds: int = 0
    imports: int = 0
    rows: int = 0
    contacts: int = 0
    survived: dict[str, list[float]] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)

    def add(self, told: Round) -> None:
        """Add what came of a round."""
        self.rounds += 1
        self.imports += told.imports
        self.rows += told.rows
        self.contacts += told.contacts
        self.differences += told.differences
        for each in told.survived:
            self.survived.setdefault(each.kind, []).append(each.without_progress)

    def lines(self) -> list[str]:
        """Return the report as lines of text."""
        faults = sum(map(len, self.survived.values()))
        lines = [f"{'fault':28}{'survived':>9}{'longest without progress':>32}"]
        for kind in KINDS:
            gaps = self.survived.get(kind, [])
            longest = f"{max(gaps):.1f} s" if gaps else self.left_out.get(kind, "")
            lines.append(f"{kind:28}{len(gaps):>9}{longest:>32}")
        lines += [
            f"{'all':28}{faults:>9}",
            "",
            f"seed {self.seed}: {self.seconds:.0f} seconds, {self.rounds} rounds",
            f"imports finished: {self.imports:,}",
            f"rows compared with the oracle: {self.rows:,}",
            f"contacts compared with the oracle: {self.contacts:,}",
            f"differences: {len(self.differences)}",
            *(f"  {difference}" for difference in self.differences),
        ]
        return lines
