"""Instants (ms since 1970 UTC) and wall-clock time of the configured zone."""
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from decode import EPOCH, instant_ms

DAY = 86400000
ONE_DAY = timedelta(days=1)


class Zone:
    def __init__(self, name):
        self.info = ZoneInfo(name)

    def local(self, ms):
        return (EPOCH + timedelta(milliseconds=ms)).astimezone(self.info)

    def day_of(self, ms):
        return self.local(ms).date()

    def time_of_day(self, ms):
        """What the clock on the wall shows, in ms since its 00:00."""
        wall = self.local(ms).replace(tzinfo=None)
        return (wall - datetime.combine(wall.date(), time())) // timedelta(milliseconds=1)

    def instant(self, day, time_of_day):
        """The instant of a time of day; 24:00 is the midnight that ends the day. A time that comes twice is the first."""
        if time_of_day == DAY:
            day, time_of_day = day + ONE_DAY, 0
        wall = datetime.combine(day, time()) + timedelta(milliseconds=time_of_day)
        moment = instant_ms(wall.replace(tzinfo=self.info))
        shown = self.local(moment).replace(tzinfo=None)
        if shown == wall:
            return moment
        return self.change(moment - (shown - wall) // timedelta(milliseconds=1), moment)

    def change(self, before, after):
        """The instant of the one change of offset after 'before', up to 'after'."""
        offset = self.local(after).utcoffset()
        while after - before > 1:
            middle = (before + after) // 2
            if self.local(middle).utcoffset() == offset:
                after = middle
            else:
                before = middle
        return after

    def start_of(self, day):
        return self.instant(day, 0)

    def end_of(self, day):
        """The midnight that ends the day."""
        return self.instant(day, DAY)

    def show(self, ms):
        return self.local(ms).isoformat(timespec="milliseconds" if ms % 1000 else "seconds")
