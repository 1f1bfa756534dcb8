"""A rating 好差评: open until it is rectified or its appeal upheld, where its class has a clock; else closed at once."""
from dataclasses import dataclass

from cases import Case


@dataclass
class Rating(Case):
    default: bool = False
    stars: int = None
    upheld: bool = False

    def fold(self, events, until):
        events = self.from_receipt(events, "rating.submitted")
        if events:
            self.submit(events[0])
        for event in events[1:]:
            if event.type == "rating.called_back":
                self.called_back(event)
            if event.type != "rating.submitted":
                self.take(event)

    def submit(self, event):
        self.received, self.round = event.time, 1
        self.unit = event.data.get("unit") or None
        self.stars = event.data["satisfaction"]
        self.default = bool(event.data.get("default"))
        self.satisfaction = None if self.default else self.stars
        self.cls = self.policy.class_of("rating", event.data)
        self.state = "open" if self.rules.main else "closed"
        self.start_clocks(event.time, "receipt", "each-round", event.type)

    def take(self, event):
        bad = self.rules.main is not None
        if event.type == "rating.rectified" and self.state == "closed" or event.type == "rating.appeal_upheld" and not bad:
            return
        self.stop_clocks(event)
        if event.type in ("rating.rectified", "rating.appeal_upheld"):
            self.state = "closed"
            self.upheld = self.upheld or event.type == "rating.appeal_upheld"
        self.start_clocks(event.time, event.type)

    def figures(self, until):
        if self.received is None:
            return []
        figure = ("default_ratings" if self.default else "appeals_upheld" if self.upheld else "ratings %d" % self.stars)
        figures = [figure]
        if not self.default and not self.upheld:
            for clock in self.clocks:
                if clock.main:
                    figures += self.loop_figures(clock, until)
        entry = self.policy.zone.day_of(self.received), self.unit or ""
        return self.tally + [(figure, *entry) for figure in figures]

    def loop_figures(self, clock, until):
        """The closed loop of a bad review."""
        yield "bad_reviews"
        if clock.stopped is not None:
            yield "rectified"
        outcome = clock.outcome(until)
        if outcome == "met":
            yield "rectified_in_time"
        if outcome in ("missed", "overdue"):
            yield "rectify_missed"
