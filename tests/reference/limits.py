"""The four units of a clock's limit: where it ends, and what a suspension adds to it."""
from datetime import timedelta
from typing import NamedTuple

HOUR = 3600000


class End(NamedTuple):
    deadline: int
    last_day: object


class Limit:
    """Subclasses say: end(beginning, gained), gain(beginning, start, end), moved(end, gained) and counted(...)."""

    def __init__(self, amount, counting):
        self.amount, self.counting = amount, counting

    def ending_at(self, deadline):
        """The last day of a deadline that is an instant: that of the instant just before."""
        return End(deadline, self.counting.zone.day_of(deadline - 1))

    def on_day(self, end, day):
        """The same time of day on another last day."""
        zone = self.counting.zone
        if end.deadline == zone.end_of(end.last_day):
            return End(zone.end_of(day), day)
        return End(zone.instant(day, zone.time_of_day(end.deadline)), day)

    def postponed(self, end, workdays):
        return self.on_day(end, self.counting.days.nth_after(end.last_day, workdays)) if workdays else end

    def extended(self, end, beginning, workdays):
        return self.postponed(end, workdays)


class DayLimit(Limit):
    def extended(self, end, beginning, workdays):
        # Not postponed(): where a change of the clocks skips day_end on one last day, it does not on another.
        last = self.counting.days.nth_after(end.last_day, workdays)
        return End(self.counting.end_on(last, beginning), last)

    def end(self, beginning, gained):
        last = self.last_day(self.counting.day_zero(beginning), gained)
        return End(self.counting.end_on(last, beginning), last)


class Workdays(DayLimit):
    def last_day(self, day_zero, gained):
        return self.counting.days.nth_after(day_zero, self.amount + gained)

    def gain(self, beginning, start, end):
        zone = self.counting.zone
        return self.counting.days.between(zone.day_of(start), zone.day_of(end))

    def moved(self, end, gained):
        return self.postponed(end, gained)

    def counted(self, day, beginning, end):
        return self.counting.day_zero(beginning) < day <= end.last_day and self.counting.days.counts(day)


class Days(DayLimit):
    def last_day(self, day_zero, gained):
        day = day_zero + timedelta(days=self.amount + gained)
        return self.counting.days.from_day(day) if self.counting.moves_last_day else day

    def gain(self, beginning, start, end):
        zone = self.counting.zone
        return (zone.day_of(end) - zone.day_of(start)).days

    def moved(self, end, gained):
        return self.on_day(end, end.last_day + timedelta(days=gained)) if gained else end

    def counted(self, day, beginning, end):
        return 0 < (day - self.counting.day_zero(beginning)).days <= self.amount


class WorkHours(Limit):
    def end(self, beginning, gained):
        return self.ending_at(self.counting.after_work(beginning, self.amount * HOUR + gained))

    def gain(self, beginning, start, end):
        return self.counting.work_time(start, end)

    def moved(self, end, gained):
        return self.ending_at(self.counting.after_work(end.deadline, gained)) if gained else end

    def counted(self, day, beginning, end):
        return any(start < end.deadline and stop > beginning for start, stop in self.counting.periods(day))


class Hours(Limit):
    def end(self, beginning, gained):
        return self.ending_at(beginning + self.amount * HOUR + gained)

    def gain(self, beginning, start, end):
        return max(0, end - max(start, beginning))

    def moved(self, end, gained):
        return self.ending_at(end.deadline + gained)

    def counted(self, day, beginning, end):
        zone = self.counting.zone
        return zone.start_of(day) < end.deadline and zone.end_of(day) > beginning


UNITS = {"limit_workdays": Workdays, "limit_days": Days, "limit_work_hours": WorkHours, "limit_hours": Hours}
