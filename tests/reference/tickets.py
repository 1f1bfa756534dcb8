"""A hotline ticket 工单: what each event does to it (contract, section 2; docs/POLICY.md)."""
from dataclasses import dataclass, field

from cases import Case
from clocks import Due
from decode import parse_time
from holding import Stretch
from limits import Workdays

# Not after an answer or close, until the next round.
OF_A_ROUND = ("dispatched", "signed", "transferred", "returned", "suspended", "resumed",
              "extension_requested", "extension_granted", "extension_refused", "answered")


@dataclass
class Suspension:
    end: int            # by itself; None: never
    restarts: bool


@dataclass
class Ticket(Case):
    first_unit: str = None
    final: bool = False         # voided or merged
    done: bool = False          # from the first answer or close on, until a new round
    without: str = None         # the state without the suspension
    rounds: list = field(default_factory=list)      # [beginning, end or None]
    co_units: list = field(default_factory=list)
    holders: list = field(default_factory=list)     # (time, unit)
    ran: set = field(default_factory=set)           # names of clocks that ran in this round
    running_on: list = field(default_factory=list)  # member clocks of earlier rounds that serve this one as well
    request_in_time: bool = None                    # of the round's latest extension request
    granted: int = 0                                # working days in this round
    returned: int = 0                               # times in this round
    due: tuple = None                               # (the platform's, when it was stated) in this round

    # The fold

    def fold(self, events, until):
        events = self.from_receipt(events, "ticket.received")
        if not events:
            return
        self.cls = self.policy.class_of("ticket", self.final_fields(events))
        self.receive(events[0])
        for event in events[1:]:
            self.wake(event.time)
            if event.type.startswith("rating."):
                self.on_linked_rating(event)
            elif event.subject == self.name:
                self.take(event)
            if self.final:
                return
        self.wake(until)

    def final_fields(self, events):
        """The receipt's fields as amended: they hold from receipt on, whenever the amendment came."""
        fields = dict(events[0].data)
        for event in events[1:]:
            if event.subject == self.name and self.ends(event):
                break
            if event.type == "ticket.amended":
                fields.update(event.data)
        return fields

    def ends(self, event):
        return event.type == "ticket.voided" or event.type == "ticket.merged" and event.data["into"] != self.name

    def take(self, event):
        step = event.type.partition(".")[2]
        if step == "answered":
            self.stop_member(event)
        if not self.takes_effect(step, event):
            if step == "extension_granted" and not self.done:   # too late to add days, and still a decision
                for clock in self.of_kind("approval"):
                    if clock.going:
                        clock.stop(event.time)
            return
        if step in ("answered", "closed", "voided", "merged"):
            self.resume(event.time)
        self.stop_clocks(event)
        act = getattr(self, "on_" + step, None)
        if act:
            act(event)
        if not self.final:
            self.start_clocks(event.time, *self.marks(step, event))
            self.apply_effect(event)

    def marks(self, step, event):
        """What the event is to clocks that start."""
        if step == "reopened":
            return "each-round", event.type
        return (self.clock_event(event),)

    def takes_effect(self, step, event):
        if step in OF_A_ROUND and self.done:
            return False
        asks = getattr(self, "may_be_" + step, None)
        return asks is None or asks(event)

    def may_be_received(self, event):
        return False            # a second time

    def may_be_seen(self, event):
        return False            # an acknowledgement: history alone

    def may_be_returned(self, event):
        allowed = self.rules.returns
        if self.returned >= allowed.get("max_a_round", self.returned + 1):
            return False
        return "within_workdays" not in allowed or not self.unit or event.time <= self.return_deadline(allowed["within_workdays"])

    def return_deadline(self, workdays):
        return Workdays(workdays, self.policy.counting).end(self.policy.counting.beginning(self.stretches[-1].start), 0).deadline

    def in_time(self, event):
        """Whether it comes before the main clock's deadline, which a suspension of that clock puts off."""
        return self.main is not None and (self.main.suspended is not None or event.time <= self.main.deadline)

    def may_be_suspended(self, event):
        if self.suspended or self.policy.suspension(event.data.get("reason")) is None:
            return False
        return self.in_time(event)

    def may_be_resumed(self, event):
        return self.suspended is not None

    def may_be_extension_requested(self, event):
        # One that is late does nothing by itself, but it is the round's latest (2.6).
        self.request_in_time = self.in_time(event)
        return self.request_in_time

    def may_be_extension_granted(self, event):
        return self.in_time(event) if self.request_in_time is None else self.request_in_time

    def may_be_answered(self, event):
        return not (self.rules.one("member") and event.data.get("unit") in self.members())

    def may_be_closed(self, event):
        return self.state != "closed"

    def may_be_reopened(self, event):
        return self.done

    def may_be_merged(self, event):
        return self.ends(event)

    # Rounds and clocks

    @property
    def main(self):
        """The main clock of this round: the latest, as some main clocks start more than once."""
        found = [clock for clock in self.clocks if clock.main and (clock.going or clock.case_round == self.round)]
        return found[-1] if found else None

    def begin_round(self, time):
        self.round += 1
        self.rounds.append([time, None])
        self.done = False
        self.request_in_time = self.due = None
        self.granted = self.returned = 0
        self.ran = {clock.name for clock in self.of_kind("case") if clock.going}
        self.running_on = [clock for clock in self.of_kind("member") if clock.going]
        self.begin_stretch(time)
        self.start_members(time)

    def reopen(self, time):
        self.begin_round(time)
        self.enter("dispatched" if self.unit else "received")
        self.count("reopened", time)

    def start(self, rule, time, unit=None):
        clock = super().start(rule, time, unit)
        if clock and rule.kind == "case":
            self.ran.add(rule.name)
        if clock and clock.main and self.due:
            self.give_due(clock)
        return clock

    def stop(self, clock, event):
        super().stop(clock, event)
        if clock.main:
            self.count_stop("answered", clock)
            if event.type == "ticket.answered":
                self.count_answer(event)
        elif clock.rule.kind == "case" and clock.name == "contact":
            self.count_stop("contacted", clock)

    def count_stop(self, figure, clock):
        self.count(figure, clock.stopped)
        if clock.in_time():
            self.count(figure + "_in_time", clock.stopped)

    def count_answer(self, event):
        if "outcome" in event.data:
            self.count(event.data["outcome"], event.time)
        if event.data.get("direct"):
            self.count("direct", event.time)

    def finish_round(self, time):
        self.done = True
        self.rounds[-1][1] = time
        self.stretches[-1].end = time

    # State, unit, members, due

    def enter(self, state):
        self.without = state
        if not self.suspended:
            self.state = state

    def hold(self, unit, time):
        """The case moves to a unit, or to none."""
        unit = unit or None
        moved = unit != self.unit
        self.unit = unit
        self.first_unit = self.first_unit or unit
        self.holders.append((time, unit))
        if moved and not self.done:
            self.end_stretch(time)
            self.begin_stretch(time)
        self.cancel_members(time)

    def begin_stretch(self, time):
        share = self.rules.one("share")
        clock = self.start(share, time) if share and self.unit else None
        self.stretches.append(Stretch(self.unit, self.round, time, clock=clock))

    def end_stretch(self, time):
        stretch = self.stretches[-1]
        stretch.end = time
        if stretch.clock and stretch.clock.going:
            stretch.clock.stop(time)

    def holder_at(self, time):
        unit = None
        for since, holder in self.holders:
            if since <= time:
                unit = holder
        return unit

    def members(self):
        return [unit for unit in self.co_units if unit and unit != self.unit]

    def name_members(self, event):
        if "co_units" in event.data:
            self.co_units = event.data["co_units"]
            self.cancel_members(event.time)
            if not self.done:
                self.start_members(event.time)

    def start_members(self, time):
        """One clock for each unit in a round: who has answered is not asked again by being on the list again.

        A clock that runs on from an earlier round is this round's too, also once it stops.
        """
        rule = self.rules.one("member")
        served = [clock.unit for clock in self.of_kind("member")
                  if not clock.cancelled and (clock.case_round == self.round or clock in self.running_on)]
        for unit in self.members() if rule else []:
            if unit not in served:
                self.start(rule, time, unit)

    def cancel_members(self, time):
        for clock in self.of_kind("member"):
            if clock.going and clock.unit not in self.members():
                clock.cancel(time)

    def stop_member(self, event):
        for clock in self.of_kind("member"):
            if clock.going and clock.unit == event.data.get("unit"):
                clock.stop(event.time)

    def state_due(self, event):
        if "due" in event.data and self.policy.due != "ours" and not self.done:
            self.due = parse_time(event.data["due"]), event.time
            if self.main and self.main.going:
                self.give_due(self.main)

    def give_due(self, clock):
        clock.due = Due(*self.due, self.policy.due)

    def show_due(self):
        """The platform's deadline and ours, of this round's main clock."""
        if self.main is None or self.main.due is None:
            return None
        theirs, ours = self.main.their_end().deadline, self.main.our_end().deadline
        return dict(theirs=self.policy.zone.show(theirs), ours=self.policy.zone.show(ours), difference_ms=theirs - ours)

    # Suspension

    def resume(self, time):
        if self.suspended:
            for clock in self.clocks:
                clock.resume(time)
            self.suspended = None
            self.state = self.without

    def wake(self, time):
        """Ends a suspension that has lasted as long as it may."""
        if self.suspended and self.suspended.end is not None and self.suspended.end <= time:
            self.resume(self.suspended.end)

    # What an event does beside starting and stopping clocks

    def receive(self, event):
        self.received = event.time
        self.unit = self.first_unit = event.data.get("unit") or None
        self.holders.append((event.time, self.unit))
        self.co_units = event.data.get("co_units", [])
        self.begin_round(event.time)
        self.enter("received")
        self.state_due(event)
        self.start_clocks(event.time, "receipt", "each-round", event.type)
        self.apply_effect(event)

    def on_amended(self, event):
        if "unit" in event.data:
            self.hold(event.data["unit"], event.time)
        self.name_members(event)
        self.state_due(event)

    def on_dispatched(self, event):
        self.hold(event.data["unit"], event.time)
        self.name_members(event)
        self.state_due(event)
        self.enter("dispatched")

    def on_signed(self, event):
        self.enter("signed")

    def on_transferred(self, event):
        self.count("transferred", event.time)
        self.hold(event.data["unit"], event.time)
        self.enter("dispatched")

    def on_returned(self, event):
        self.returned += 1
        self.count("returned", event.time)
        self.hold(None, event.time)
        self.enter("returned")

    def on_suspended(self, event):
        said = self.policy.suspension(event.data.get("reason"))
        end = self.policy.longest_suspension(event.time, said["max_workdays"]) if "max_workdays" in said else None
        self.suspended = Suspension(end, said.get("then") == "restarts")
        for clock in self.clocks:
            clock.suspend(event.time, self.suspended.restarts)
        self.state = "suspended"
        self.count("suspended", event.time)

    def on_resumed(self, event):
        self.resume(event.time)

    def on_extension_granted(self, event):
        added = min(event.data["days"], self.policy.max_extension - self.granted)
        takers = [clock for clock in self.clocks if clock.going and clock.rule.extends]
        if added > 0 and takers:
            self.granted += added
            for clock in takers:
                clock.grant(added)
            self.count("extended", event.time)

    def on_urged(self, event):
        self.count("urged", event.time)

    def on_supervised(self, event):
        self.count("supervised", event.time)

    def on_answered(self, event):
        self.finish_round(event.time)
        self.enter("answered")
        self.outcome = event.data.get("outcome")

    def on_called_back(self, event):
        self.called_back(event)

    def on_linked_rating(self, event):
        if event.type == "rating.submitted" and not event.data.get("default"):
            self.satisfaction = event.data["satisfaction"]

    def on_closed(self, event):
        if not self.done:
            self.finish_round(event.time)
        self.enter("closed")

    def on_reopened(self, event):
        self.reopen(event.time)

    def on_voided(self, event):
        self.end(event.time, "voided")

    def on_merged(self, event):
        self.end(event.time, "merged")

    def end(self, time, state):
        for clock in self.clocks:
            if clock.going:
                clock.cancel(time)
        if not self.done:
            self.finish_round(time)
        self.state = state
        self.final = True

    # Effects

    def apply_effect(self, event):
        holding = (effect for effect in self.policy.effects if effect.holds(event, self.cls) and (self.done or not effect.rework))
        effect = next(holding, None)
        if effect is None or self.done and not effect.rework:
            return
        before = self.cls
        if effect.cls:
            self.raise_class(effect, event.time)
        if self.done:
            self.reopen(event.time)
            self.start_clocks(event.time, "each-round")
        if effect.cls:
            self.start_what_never_ran(event.time)
        if self.cls != before:
            self.start_clocks(event.time, self.clock_event(event))

    def raise_class(self, effect, time):
        self.cls = effect.cls
        for clock in self.clocks:
            rule = self.rules.like(clock.rule)
            if clock.going and rule:
                clock.take_rule(rule, time, effect)
                if self.suspended and clock.rule is rule and clock.suspended is None:
                    clock.suspend(time, self.suspended.restarts)
                clock.main = rule is self.rules.main

    def start_what_never_ran(self, time):
        for rule in self.rules.clocks:
            if rule.of_rounds() and rule.name not in self.ran:
                self.start(rule, time)

    # Figures

    def figures(self, until):
        if self.received is None:
            return []
        tally = list(self.tally)
        entry = self.policy.zone.day_of(self.received), self.first_unit or ""
        tally.append(("received", *entry))
        if self.final:
            tally.append((self.state, *entry))
        for clock in self.clocks:
            if clock.main:
                tally += self.main_figures(clock, until)
        return tally

    def main_figures(self, clock, until):
        outcome = clock.outcome(until)
        if outcome in ("missed", "overdue"):
            end = clock.end()
            yield "missed", end.last_day, self.holder_at(max(end.deadline, clock.started)) or ""
        if clock.going:
            yield "open", None, self.unit or ""
            if outcome == "overdue":
                yield "open_overdue", None, self.unit or ""
