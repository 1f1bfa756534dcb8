"""What tickets and ratings have in common: clocks that events start and stop, figures, the printed form (contract, section 4)."""
from dataclasses import dataclass, field

from clocks import Clock


@dataclass
class Case:
    name: str
    of: str
    policy: object
    duplicates: int = 0
    cls: str = None
    state: str = "incomplete"
    unit: str = None
    received: int = None
    round: int = 0
    clocks: list = field(default_factory=list)      # of every kind, in the order in which they began
    stretches: list = field(default_factory=list)   # of time in which a unit held it
    suspended: object = None                        # a ticket's suspension
    outcome: str = None
    satisfaction: int = None
    tally: list = field(default_factory=list)       # (figure, day, unit)

    @property
    def rules(self):
        return self.policy.classes[self.cls]

    def count(self, figure, time, unit=...):
        self.tally.append((figure, self.policy.zone.day_of(time), (self.unit if unit is ... else unit) or ""))

    @staticmethod
    def from_receipt(events, kind):
        """Events in order, from the first receipt on."""
        events = sorted(events, key=lambda event: event.order)
        start = next((i for i, event in enumerate(events) if event.type == kind), len(events))
        return events[start:]

    def called_back(self, event):
        self.count("called_back", event.time)
        if event.data.get("reached"):
            self.count("reached", event.time)
        if "satisfaction" in event.data:
            self.satisfaction = event.data["satisfaction"]
            self.count("callback %d" % self.satisfaction, event.time)

    # Clocks

    def of_kind(self, kind):
        return [clock for clock in self.clocks if clock.rule.kind == kind]

    def going(self, name, kind, unit=None):
        """The clock of that name, kind and unit that runs."""
        return next((clock for clock in self.of_kind(kind) if clock.going and (clock.name, clock.unit) == (name, unit)), None)

    def start(self, rule, time, unit=None):
        """Starts a clock, unless it runs."""
        if self.going(rule.name, rule.kind, unit):
            return None
        begun = 1 + sum(clock.name == rule.name for clock in self.clocks)
        clock = Clock(rule, self.round if rule.of_rounds() else begun, self.round, time, rule is self.rules.main, unit)
        if self.suspended and rule.suspends:
            clock.suspended, clock.restarts = time, self.suspended.restarts
        self.clocks.append(clock)
        return clock

    def start_clocks(self, time, *marks):
        """Starts what starts with one of these: an event's type, 'receipt' and so on (ClockRule.starts)."""
        for rule in self.rules.clocks:
            if any(mark in rule.starts for mark in marks):
                self.start(rule, time)

    def stop_clocks(self, event):
        kind = self.clock_event(event)
        for clock in self.clocks:
            if clock.going and kind in clock.rule.stopped_by:
                self.stop(clock, event)
            elif clock.going and kind in clock.rule.cancelled_by:
                clock.cancel(event.time)

    @staticmethod
    def clock_event(event):
        """What an event is to clocks: a contact is one only where somebody was reached."""
        return None if event.type == "ticket.contacted" and not event.data.get("reached") else event.type

    def stop(self, clock, event):
        clock.stop(event.time)

    # Printed

    def show(self, until):
        show_clocks = lambda kind: [clock.show(self.policy, until) for clock in self.of_kind(kind)]
        shown = dict(
            case=self.name, of=self.of, **{"class": self.cls}, state=self.state, unit=self.unit,
            received=None if self.received is None else self.policy.zone.show(self.received),
            policy=None if self.received is None else self.policy.name, clocks=show_clocks("case"))
        if "share" in self.policy.printed_kinds:
            shown["shares"] = [stretch.show(self.policy, until) for stretch in self.stretches]
        if "approval" in self.policy.printed_kinds:
            shown["approvals"] = show_clocks("approval")
        if "member" in self.policy.printed_kinds:
            shown["members"] = [dict(unit=clock.unit, **clock.show(self.policy, until)) for clock in self.of_kind("member")]
        if self.policy.due != "ours":
            shown["due"] = self.show_due()
        return dict(shown, outcome=self.outcome, satisfaction=self.satisfaction, duplicates=self.duplicates)

    def show_due(self):
        return None
