#!/usr/bin/env python3
"""Turns conf/calendar/cn.json into the day list (date,kind) that the reference reads: calendar_csv.py CALENDAR > CSV."""
import json
import sys
from datetime import date, timedelta


def days(calendar):
    for year in calendar["years"]:
        day = date(year["year"], 1, 1)
        while day.year == year["year"]:
            name = day.strftime("%m-%d")
            if name in year["holidays"]:
                kind = "holiday"
            elif name in year["makeup_workdays"]:
                kind = "makeup_workday"
            else:
                kind = "weekend" if day.isoweekday() > 5 else "workday"
            yield day, kind
            day += timedelta(days=1)


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        print("date,kind")
        for each, kind in days(json.load(file)):
            print("%s,%s" % (each, kind))
