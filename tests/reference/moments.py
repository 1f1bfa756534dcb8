"""When the events of a life happen: at deadlines, midnights, edges of hours and of suspensions, and a millisecond beside them."""
from datetime import date, timedelta

from decode import EARLIEST, TOO_LATE
from ratings import Rating
from tickets import Ticket
from zone import DAY

RECEIPTS = """2000-01-01 2009-12-28 2009-12-31 2010-02-12 2019-04-30 2020-01-23 2023-12-29 2024-02-04 2024-02-08
2024-02-09 2024-02-10 2024-02-17 2024-04-28 2024-09-13 2024-09-29 2024-09-30 2024-10-01 2024-10-11 2024-10-12
2024-12-31 2025-01-24 2025-01-26 2025-01-27 2025-04-30 2025-09-26 2025-09-28 2025-12-31 2026-02-13 2026-09-30
2026-12-23 2026-12-24 2026-12-25 2026-12-31 2027-01-01 2027-09-30 2028-02-28 2099-12-30 2199-12-20 2199-12-24
2024-03-08 2024-03-09 2024-03-10 2024-11-01 2024-11-02 2024-11-03 2024-11-04""".split()
HOUR, MINUTE = 3600000, 60000
TIMES = [0, 0, 1, 999, 1000, 90 * MINUTE, 150 * MINUTE, 9 * HOUR, 12 * HOUR + 1, 17 * HOUR + 30 * MINUTE, DAY - 1000, DAY - 1]
SCALES = {"d": DAY, "h": HOUR, "m": MINUTE, "ms": 1}


class Moments:
    def __init__(self, dice, policy):
        self.dice, self.policy, self.zone = dice, policy, policy.zone
        limits = [rule.limit for cls in policy.classes.values() for rule in cls.clocks]
        self.countings = [policy.counting] + [limit.counting for limit in limits]

    def receipt(self):
        return min(max(self.any_receipt(), EARLIEST), TOO_LATE - 1)

    def any_receipt(self):
        day = date.fromisoformat(self.dice.choice(RECEIPTS))
        if self.dice.random() < 0.3:
            day = date(2009, 12, 1) + timedelta(days=self.dice.randrange(17 * 366))
        draw = self.dice.random()
        if draw < 0.3:
            return self.edge(self.zone.start_of(day)) - self.dice.choice([0, 0, 1])
        return self.zone.start_of(day) + (self.dice.choice(TIMES) if draw < 0.8 else self.dice.randrange(DAY))

    def next(self, when, events, name, of):
        """The instant that 'when' means after these events."""
        last = events[-1].time
        for suffix, nudge in (("-1", -1), ("+1", 1)):
            if when.endswith(suffix):
                return self.next(when[:-2], events, name, of) + nudge
        if when == "=":
            return last
        if when == "mid":
            return self.midnight(last)
        if when == "edge":
            return self.edge(last)
        if when == "past":
            return events[0].time - self.dice.choice([1, 1000, DAY])
        if when == "before":
            return max(events[0].time, last - self.dice.choice([1, 60000, DAY, 3 * DAY]))
        if when[0] == "+":
            scale = when[1:].lstrip("0123456789")
            return last + int(when[1:-len(scale)]) * SCALES[scale]
        return self.in_case(when, self.folded(events, name, of), last)

    def midnight(self, time):
        return self.zone.end_of(self.zone.day_of(time))

    def edge(self, time):
        """Where a period of counted hours begins or ends, soon after."""
        periods = self.dice.choice(self.countings).periods_from(time)
        for _ in range(self.dice.choice([0, 0, 1, 2, 5])):
            next(periods)
        return self.dice.choice(next(periods))

    def folded(self, events, name, of):
        case = (Ticket if of == "ticket" else Rating)(name, of, self.policy)
        case.fold(events, events[-1].time)
        return case

    def in_case(self, when, case, last):
        """At a deadline that runs, on its last day, when the suspension ends by itself, or as long as a return is allowed."""
        if when == "longest" and case.suspended and case.suspended.end:
            return case.suspended.end
        if when == "back" and case.stretches and "within_workdays" in case.rules.returns:
            return case.return_deadline(case.rules.returns["within_workdays"])
        going = [clock for clock in case.clocks if clock.going]
        if when in ("longest", "back") or not going:
            return self.midnight(last)
        deadline = self.dice.choice([going[0], *going]).deadline
        return deadline - self.dice.randrange(DAY) if when == "last" else deadline
