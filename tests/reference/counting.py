"""How a clock counts: its days, its hours, when it begins. Limits are measured with it (limits.py)."""
from zone import ONE_DAY


def time_of_day(text):
    """'09:30' in ms since 00:00."""
    hour, minute = text.split(":")
    return (int(hour) * 60 + int(minute)) * 60000


class Counting:
    def __init__(self, fields, zone, days):
        self.zone, self.days = zone, days
        self.moves_receipt = fields["rest_day_receipt"] == "next-workday"
        self.waits_for_opening = fields.get("outside_hours") == "next-opening"
        self.moves_last_day = fields.get("last_rest_day", "moves") == "moves"
        self.day_end = None if fields["day_end"] == "same-time" else time_of_day(fields["day_end"])
        hours = fields.get("hours", [[fields["opening"], fields["closing"]]])
        self.hours = [(time_of_day(start), time_of_day(end)) for start, end in hours]
        self.known = {}     # periods of days asked for before

    def periods(self, day):
        """The counted periods of a day, as instants: the first belongs to it, the last does not. None on a day that does not count."""
        if day not in self.known:
            edges = [(self.zone.instant(day, start), self.zone.instant(day, end)) for start, end in self.hours]
            self.known[day] = [edge for edge in edges if edge[0] < edge[1]] if self.days.counts(day) else []
        return self.known[day]

    def periods_from(self, moment):
        """What is left of the periods that are not over at the moment, without end."""
        day = self.zone.day_of(moment)
        while True:
            for start, end in self.periods(day):
                if end > moment:
                    yield max(start, moment), end
            day = self.days.from_day(day + ONE_DAY)

    def beginning(self, started):
        """When a clock that is started then begins to count."""
        return next(self.periods_from(started))[0] if self.waits_for_opening else started

    def day_zero(self, beginning):
        day = self.zone.day_of(beginning)
        return self.days.from_day(day) if self.moves_receipt else day

    def end_on(self, last_day, beginning):
        """When a limit in days ends on its last day."""
        return self.zone.instant(last_day, self.zone.time_of_day(beginning) if self.day_end is None else self.day_end)

    def work_time(self, start, end):
        """The time of counted periods between two instants, in ms."""
        total = 0
        for first, last in self.periods_from(start):
            if first >= end:
                return total
            total += min(last, end) - first

    def after_work(self, start, amount):
        """When so many ms of counted periods have passed; a period's end rather than the beginning of the next."""
        for first, last in self.periods_from(start):
            if amount <= last - first:
                return first + amount
            amount -= last - first
