"""Days of the calendar, working days, and instants in the configured zone."""
import csv
from bisect import bisect_right
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from decode import EPOCH, instant_ms

FIXED_HOLIDAYS = {(1, 1), (5, 1), (10, 1), (10, 2), (10, 3)}


class Days:
    """Without a CSV every year is provisional."""

    def __init__(self, csv_path, zone):
        self.zone = ZoneInfo(zone)
        self.kinds = {}
        if csv_path:
            with open(csv_path, encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    self.kinds[date.fromisoformat(row["date"])] = row["kind"]
        self.published = {day.year for day in self.kinds}
        self.working = []
        day = date(1999, 1, 1)
        while day.year < 2203:
            if self.kind(day) in ("workday", "makeup_workday"):
                self.working.append(day)
            day += timedelta(days=1)

    def kind(self, day):
        if day.year in self.published:
            return self.kinds[day]
        if (day.month, day.day) in FIXED_HOLIDAYS:
            return "holiday"
        return "weekend" if day.isoweekday() > 5 else "workday"

    def nth_after(self, day, count):
        """The count-th working day after the given day."""
        return self.working[bisect_right(self.working, day) + count - 1]

    def working_between(self, first, end):
        """Working days d with first <= d < end."""
        before = timedelta(days=1)
        return max(0, bisect_right(self.working, end - before) - bisect_right(self.working, first - before))

    def provisional(self, started, last):
        """Whether a day after started, up to last, lies in a year without a published calendar."""
        first = started + timedelta(days=1)
        return any(year not in self.published for year in range(first.year, last.year + 1))

    def local(self, ms):
        return (EPOCH + timedelta(milliseconds=ms)).astimezone(self.zone)

    def day_of(self, ms):
        return self.local(ms).date()

    def end_of(self, day):
        """The midnight that ends the day."""
        following = day + timedelta(days=1)
        return instant_ms(datetime(following.year, following.month, following.day, tzinfo=self.zone))

    def show(self, ms):
        moment = self.local(ms)
        return moment.isoformat(timespec="milliseconds" if ms % 1000 else "seconds")
