"""The rules of a case (contract, section 2) and a case as it is printed (section 4)."""
from dataclasses import dataclass, field

POLICIES = {
    "meilong-2024": dict(
        limits=dict(simple=1, general=5), rectify=5, contact=None, extension=10,
        classify=lambda data: "simple" if data.get("simple") else "general"),
    "shanghai-street-2018": dict(
        limits=dict(inquiry=1, request=5, supervised=3, complex=15), rectify=5, contact=1, extension=10,
        classify=lambda data: "inquiry" if data["kind"] in ("consultation", "suggestion", "opinion") else "request"),
}


@dataclass
class Clock:
    days: object
    name: str
    round: int
    started: int
    limit: int
    extension: int = 0
    gained: int = 0
    suspended: int = None
    stopped: int = None
    cancelled: bool = False

    @property
    def going(self):
        return self.stopped is None and not self.cancelled

    @property
    def last_day(self):
        return self.days.nth_after(self.days.day_of(self.started), self.limit + self.extension + self.gained)

    @property
    def deadline(self):
        return self.days.end_of(self.last_day)

    def suspend(self, time):
        if self.going and time <= self.deadline:
            self.suspended = time

    def resume(self, time):
        if self.going and self.suspended is not None:
            self.gained += self.days.working_between(self.days.day_of(self.suspended), self.days.day_of(time))
            self.suspended = None

    def stop(self, time):
        if self.going:
            self.resume(time)
            self.stopped = time

    def cancel(self, time):
        if self.going:
            self.resume(time)
            self.cancelled = True

    def outcome(self, until):
        if self.cancelled:
            return "cancelled"
        if self.stopped is not None:
            return "met" if self.stopped <= self.deadline else "missed"
        if self.suspended is not None:
            return "suspended"
        return "overdue" if until > self.deadline else "running"

    def show(self, until):
        outcome = self.outcome(until)
        late = {"missed": self.stopped, "overdue": until}.get(outcome)
        return dict(
            name=self.name, round=self.round, started=self.days.show(self.started),
            deadline=self.days.show(self.deadline), last_day=self.last_day.isoformat(),
            stopped=None if self.stopped is None else self.days.show(self.stopped), outcome=outcome,
            overdue_ms=0 if late is None else late - self.deadline,
            provisional=self.days.provisional(self.days.day_of(self.started), self.last_day))


@dataclass
class Case:
    name: str
    of: str
    days: object
    policy: str
    duplicates: int = 0
    cls: str = None
    state: str = "incomplete"
    unit: str = None
    first_unit: str = None
    received: int = None
    clocks: list = field(default_factory=list)
    outcome: str = None
    satisfaction: int = None
    default: bool = False
    stars: int = None
    upheld: bool = False
    final: bool = False
    done: bool = False          # from the first answer or close on, until a reopening
    suspended: bool = False
    without: str = None         # the state without the suspension
    request_in_time: bool = None  # of the round's latest extension request
    holders: list = field(default_factory=list)   # (time, unit)
    tally: list = field(default_factory=list)     # (figure, day, unit)

    @property
    def rules(self):
        return POLICIES[self.policy]

    def count(self, figure, time, unit=...):
        self.tally.append((figure, self.days.day_of(time), (self.unit if unit is ... else unit) or ""))

    def hold(self, unit, time):
        self.unit = unit or None
        self.first_unit = self.first_unit or self.unit
        self.holders.append((time, self.unit))

    def holder_at(self, time):
        unit = None
        for since, holder in self.holders:
            if since <= time:
                unit = holder
        return unit

    def show(self, until):
        days = self.days
        return dict(
            case=self.name, of=self.of, **{"class": self.cls}, state=self.state, unit=self.unit,
            received=None if self.received is None else days.show(self.received),
            policy=None if self.received is None else self.policy,
            clocks=[clock.show(until) for clock in self.clocks],
            outcome=self.outcome, satisfaction=self.satisfaction, duplicates=self.duplicates)


class Ticket(Case):
    def fold(self, events):
        events = sorted(events, key=lambda event: event.order)
        start = next((i for i, event in enumerate(events) if event.type == "ticket.received"), None)
        if start is None:
            return
        events = events[start:]
        self.cls = self.final_class(events)
        self.receive(events[0])
        for event in events[1:]:
            if self.final:
                break
            step = getattr(self, "on_" + event.type.partition(".")[2], None)
            if event.type.startswith("rating."):
                self.on_linked_rating(event)
            elif step and event.subject == self.name:
                step(event)

    def final_class(self, events):
        fields = dict(events[0].data)
        for event in events[1:]:
            if self.ends(event):
                break
            if event.type == "ticket.amended":
                fields.update(event.data)
        return self.rules["classify"](fields)

    def ends(self, event):
        return event.subject == self.name and (
            event.type == "ticket.voided" or event.type == "ticket.merged" and event.data["into"] != self.name)

    @property
    def answer(self):
        return [clock for clock in self.clocks if clock.name == "answer"][-1]

    def enter(self, state):
        self.without = state
        if not self.suspended:
            self.state = state

    def start_answer(self, time):
        rounds = sum(clock.name == "answer" for clock in self.clocks)
        self.clocks.append(Clock(self.days, "answer", rounds + 1, time, self.rules["limits"][self.cls]))
        self.request_in_time = None

    def receive(self, event):
        self.received = event.time
        self.hold(event.data.get("unit"), event.time)
        self.enter("received")
        self.start_answer(event.time)
        if self.rules["contact"]:
            self.clocks.append(Clock(self.days, "contact", 1, event.time, self.rules["contact"]))

    def on_amended(self, event):
        if "unit" in event.data:
            self.hold(event.data["unit"], event.time)

    def on_dispatched(self, event):
        if not self.done:
            self.hold(event.data["unit"], event.time)
            self.enter("dispatched")

    def on_signed(self, event):
        if not self.done:
            self.enter("signed")

    def on_contacted(self, event):
        if event.data.get("reached"):
            for clock in self.clocks:
                if clock.name == "contact" and clock.going:
                    clock.stop(event.time)
                    self.count("contacted", event.time)
                    if clock.stopped <= clock.deadline:
                        self.count("contacted_in_time", event.time)

    def on_transferred(self, event):
        if not self.done:
            self.count("transferred", event.time)
            self.hold(event.data["unit"], event.time)
            self.enter("dispatched")

    def on_returned(self, event):
        if not self.done:
            self.count("returned", event.time)
            self.hold(None, event.time)
            self.enter("returned")

    def on_suspended(self, event):
        if self.done or self.suspended or event.time > self.answer.deadline:
            return
        for clock in self.clocks:
            clock.suspend(event.time)
        self.suspended = True
        self.state = "suspended"
        self.count("suspended", event.time)

    def on_resumed(self, event):
        if not self.done and self.suspended:
            self.resume(event.time)
            self.state = self.without

    def resume(self, time):
        for clock in self.clocks:
            clock.resume(time)
        self.suspended = False

    def asked_in_time(self, event):
        return self.suspended or event.time <= self.answer.deadline

    def on_extension_requested(self, event):
        if not self.done:
            self.request_in_time = self.asked_in_time(event)

    def on_extension_granted(self, event):
        if self.done:
            return
        in_time = self.asked_in_time(event) if self.request_in_time is None else self.request_in_time
        added = min(event.data["days"], self.rules["extension"] - self.answer.extension)
        if in_time and added > 0:
            self.answer.extension += added
            self.count("extended", event.time)

    def on_urged(self, event):
        self.count("urged", event.time)

    def on_supervised(self, event):
        self.count("supervised", event.time)

    def finish_round(self, time):
        self.resume(time)
        self.answer.stop(time)
        self.count("answered", time)
        if self.answer.stopped <= self.answer.deadline:
            self.count("answered_in_time", time)
        for clock in self.clocks:
            clock.cancel(time)
        self.done = True

    def on_answered(self, event):
        if self.done:
            return
        self.finish_round(event.time)
        self.enter("answered")
        self.outcome = event.data.get("outcome")
        if self.outcome:
            self.count(self.outcome, event.time)
        if event.data.get("direct"):
            self.count("direct", event.time)

    def on_called_back(self, event):
        called_back(self, event)

    def on_linked_rating(self, event):
        if event.type == "rating.submitted" and not event.data.get("default"):
            self.satisfaction = event.data["satisfaction"]

    def on_closed(self, event):
        if self.state == "closed":
            return
        if not self.done:
            self.finish_round(event.time)
        self.enter("closed")

    def on_reopened(self, event):
        if not self.done:
            return
        self.done = False
        self.start_answer(event.time)
        self.enter("dispatched" if self.unit else "received")
        self.count("reopened", event.time)

    def on_voided(self, event):
        self.end(event.time, "voided")

    def on_merged(self, event):
        if event.data["into"] != self.name:
            self.end(event.time, "merged")

    def end(self, time, state):
        self.resume(time)
        for clock in self.clocks:
            clock.cancel(time)
        self.state = state
        self.final = True

    def figures(self, until):
        if self.received is None:
            return []
        tally = list(self.tally)
        entry = self.days.day_of(self.received), self.first_unit or ""
        tally.append(("received", *entry))
        if self.final:
            tally.append((self.state, *entry))
        for clock in self.clocks:
            if clock.name != "answer":
                continue
            outcome = clock.outcome(until)
            if outcome in ("missed", "overdue"):
                tally.append(("missed", clock.last_day, self.holder_at(clock.deadline) or ""))
            if clock.going:
                tally.append(("open", None, self.unit or ""))
                if outcome == "overdue":
                    tally.append(("open_overdue", None, self.unit or ""))
        return tally


class Rating(Case):
    def fold(self, events):
        events = sorted(events, key=lambda event: event.order)
        start = next((i for i, event in enumerate(events) if event.type == "rating.submitted"), None)
        if start is None:
            return
        first = events[start]
        self.received = first.time
        self.stars = first.data["satisfaction"]
        self.default = bool(first.data.get("default"))
        self.satisfaction = None if self.default else self.stars
        self.hold(first.data.get("unit"), first.time)
        bad = self.stars <= 2 and not self.default
        self.cls = "bad_review" if bad else "rating"
        self.state = "open" if bad else "closed"
        if bad:
            self.clocks.append(Clock(self.days, "rectify", 1, first.time, self.rules["rectify"]))
        for event in events[start + 1:]:
            if event.type == "rating.called_back":
                called_back(self, event)
            elif bad and event.type == "rating.rectified":
                self.clocks[0].stop(event.time)
                self.state = "closed"
            elif bad and event.type == "rating.appeal_upheld":
                self.clocks[0].cancel(event.time)
                self.state = "closed"
                self.upheld = True

    def figures(self, until):
        if self.received is None:
            return []
        entry = self.days.day_of(self.received), self.unit or ""
        tally = list(self.tally)
        if self.default:
            tally.append(("default_ratings", *entry))
        elif self.upheld:
            tally.append(("appeals_upheld", *entry))
        else:
            tally.append(("ratings %d" % self.stars, *entry))
            for clock in self.clocks:
                outcome = clock.outcome(until)
                tally.append(("bad_reviews", *entry))
                if clock.stopped is not None:
                    tally.append(("rectified", *entry))
                if outcome == "met":
                    tally.append(("rectified_in_time", *entry))
                if outcome in ("missed", "overdue"):
                    tally.append(("rectify_missed", *entry))
        return tally


def called_back(case, event):
    case.count("called_back", event.time)
    if event.data.get("reached"):
        case.count("reached", event.time)
    if "satisfaction" in event.data:
        case.satisfaction = event.data["satisfaction"]
        case.count("callback %d" % case.satisfaction, event.time)


class Book:
    """All cases of an input: distinct events of each, and how often one came again."""

    def __init__(self):
        self.events = {}        # (case, of) -> {key: event}
        self.duplicates = {}

    def add(self, event):
        places = [(event.subject, event.type.partition(".")[0])]
        linked = event.data.get("into" if event.type == "ticket.merged" else "case")
        if event.type in ("ticket.merged", "rating.submitted") and linked is not None:
            if (linked, "ticket") not in places:
                places.append((linked, "ticket"))
        for place in places:
            known = self.events.setdefault(place, {})
            if event.key in known:
                self.duplicates[place] = self.duplicates.get(place, 0) + 1
            else:
                known[event.key] = event

    def last_time(self):
        return max((event.time for known in self.events.values() for event in known.values()), default=None)

    def cases(self, days, policy, until):
        found = []
        order = lambda place: (place[0].encode("utf-8"), place[1] == "rating")
        for place in sorted(self.events, key=order):
            events = [event for event in self.events[place].values() if event.time <= until]
            if events:
                make = Ticket if place[1] == "ticket" else Rating
                case = make(place[0], place[1], days, policy, self.duplicates.get(place, 0))
                case.fold(events)
                found.append(case)
        return found
