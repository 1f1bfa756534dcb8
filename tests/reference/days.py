"""The configured calendar's kinds of days, and which days count by it or by a calendar derived from it."""
import json
from bisect import bisect_left, bisect_right
from datetime import date

FIRST, LAST = date(1999, 1, 1), date(2215, 12, 31)
WORKING = ("workday", "makeup_workday")


class Calendar:
    def __init__(self, fields):
        self.years = {year["year"]: year for year in fields["years"]}
        self.provisional_holidays = set(fields["provisional_holidays"])
        days = map(date.fromordinal, range(FIRST.toordinal(), LAST.toordinal() + 1))
        self.kinds = {day: self.look_up(day) for day in days}

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf-8") as file:
            return cls(json.load(file))

    def kind(self, day):
        return self.kinds[day]

    def look_up(self, day):
        name, year = "%02d-%02d" % (day.month, day.day), self.years.get(day.year)
        if name in (year["holidays"] if year else self.provisional_holidays):
            return "holiday"
        if year and name in year["makeup_workdays"]:
            return "makeup_workday"
        return "weekend" if day.isoweekday() > 5 else "workday"

    def provisional(self, started, last):
        """Whether a day after the first, up to the last, lies in a year without a published calendar."""
        if last <= started:
            return False
        first = date.fromordinal(started.toordinal() + 1)
        return any(year not in self.years for year in range(first.year, last.year + 1))


class CountedDays:
    """The days that count, in order. Ordinals, so that the n-th is a look-up."""

    def __init__(self, calendar, kinds=WORKING, on=(), off=()):
        on, off = set(map(date.fromisoformat, on)), set(map(date.fromisoformat, off))
        self.ordinals = [day.toordinal() for day, kind in calendar.kinds.items() if (kind in kinds or day in on) and day not in off]

    def counts(self, day):
        return self.from_day(day) == day

    def from_day(self, day):
        """The day itself if it counts, else the next that does."""
        return date.fromordinal(self.ordinals[bisect_left(self.ordinals, day.toordinal())])

    def nth_after(self, day, count):
        """The count-th counted day after the given day; the day itself for 0."""
        return date.fromordinal(self.ordinals[bisect_right(self.ordinals, day.toordinal()) + count - 1]) if count else day

    def between(self, first, end):
        """How many counted days d there are with first <= d < end."""
        return max(0, bisect_left(self.ordinals, end.toordinal()) - bisect_left(self.ordinals, first.toordinal()))
