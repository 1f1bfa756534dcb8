"""A stretch of time in which one unit, or none, holds a case in a round: what a case prints as 'shares'."""
from dataclasses import dataclass


@dataclass
class Stretch:
    unit: str
    round: int
    start: int
    end: int = None
    clock: object = None    # the unit's share clock, where the class has one

    def show(self, policy, until):
        held = (until if self.end is None else self.end) - self.start
        shown = dict(unit=self.unit, round=self.round, **{"from": policy.zone.show(self.start)},
                     to=None if self.end is None else policy.zone.show(self.end), held_ms=held)
        return dict(shown, clock=self.clock.show(policy, until)) if self.clock else shown
