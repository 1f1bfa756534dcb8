#!/usr/bin/env python3
# Readings chosen where the contract leaves room. R-numbers may be cited by tests.
#
# Decoding
# R1  Level: only arrays and objects make levels; a plain value inside level 32 is good.
# R2  datacontenttype and dataschema are CloudEvents attributes: no string (null aside) is bad. Other
#     top-level members, data_base64 included, are unknown extras and ignored. Null id, time ... is missing.
# R3  Every member of citizen must be a string or null, also one with an unknown name.
# R4  citizen in ticket.amended is no field of it, so an unknown extra: ignored, whatever its type.
# R5  "" is outside the values of kind, urgency, outcome and a rating's channel, hence bad; other strings
#     may be empty. A ticket's channel is a free string. due "" is an impossible time.
# R6  case and into, when present, are 1 to 128 bytes; case null is absent. null inside co_units or reasons is bad.
# R7  due must lie in 2000..2199 as well. Offsets go from -23:59 to +23:59 and need their colon.
# R8  A real too small for a double is 0 and good; 4.0 and 4e0 are never integers.
# R9  A blank line is one of spaces, tabs and carriage returns; lines end at LF only; CR belongs to the value.
#
# Cases
# R10 Of two records with one key, each case keeps the first that reached it. A second record that names another
#     into or case is a duplicate in its own case and yet the first in the linked one.
# R11 A merge into itself is one record of the case: its link back is no duplicate of it.
# R12 Cases of which no event is left at --until are not printed. The default --until is the time of the last
#     event that stands (dropped duplicates do not count). An empty input prints nothing; its as_of is null.
# R13 An incomplete case shows unit, outcome and satisfaction null, whatever waits.
# R14 While suspended, dispatched, signed, transferred and returned still count, move the unit, and change the
#     state that resumption brings back.
# R15 Suspension and 'past its deadline' go by the answer clock; a contact clock already past its own deadline
#     stays out of that suspension. A contact that stops a suspended contact clock resumes that clock alone.
# R16 Clocks are listed in order of their start: answer 1, contact, answer 2, ...
# R17 A call-back without satisfaction leaves the earlier satisfaction; reached false does not discard one given.
# R18 A linked rating is history only where it is timed before the ticket's receipt or after its void or merge.
# R19 An appeal upheld after the rectification leaves the clock met, and counts under appeals_upheld alone.
#     appeals_upheld counts ratings, not events.
# R20 A grant cut to nothing adds no days and so is not 'extended'.
# R21 shanghai-street-2018 classes ratings as meilong-2024 does, and has the same maximum of extension.
# R22 A fixed-date holiday of a provisional year that falls on a weekend is of kind holiday.
# R23 A clock is overdue from the first millisecond after its deadline; at --until = deadline it runs.
#
# Output
# R24 Rates are rounded to nearest on the double, exact ties to even (Python's round): 1/128 is 0.007812.
# R25 contacted and contacted_in_time follow 'returned'; with a contact policy they are present even if 0.
# R26 explain prints 'received' in the configured zone, like 'started'; the day of receipt is listed, not counted.
#     Its blank lines are skipped. UTC is printed +00:00.
"""Reference model of the contract: replay, summary and explain, written apart from the C programs."""
import argparse
import json
import sys
from datetime import date, timedelta

from cases import POLICIES, Book
from decode import BadEvent, decode, parse_object, parse_time
from figures import summary
from workdays import Days


def lines_of(paths):
    for path in paths:
        file = sys.stdin.buffer if path == "-" else open(path, "rb")
        with file:
            for number, line in enumerate(file, 1):
                line = line[:-1] if line.endswith(b"\n") else line
                if line.strip(b" \t\r"):
                    yield path, number, line


def emit(value):
    print(json.dumps(value, ensure_ascii=False))


def read_book(paths):
    book, bad = Book(), 0
    for path, number, line in lines_of(paths):
        try:
            book.add(decode(line))
        except BadEvent as fault:
            bad += 1
            print("%s:%d: %s" % (path, number, ascii(str(fault))[1:-1]), file=sys.stderr)
    return book, bad


def explain_line(line, days, policy):
    asked = parse_object(line)
    if not isinstance(asked.get("received"), str) or not isinstance(asked.get("class"), str):
        raise BadEvent("received and class wanted, both strings")
    started = parse_time(asked["received"])
    limits = dict(POLICIES[policy]["limits"], bad_review=POLICIES[policy]["rectify"])
    limit = limits.get(asked["class"])
    if limit is None:
        raise BadEvent("no answer or rectify clock in class %s" % asked["class"])
    first = days.day_of(started)
    last = days.nth_after(first, limit)
    span = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    return {
        "received": days.show(started), "class": asked["class"],
        "clock": "rectify" if asked["class"] == "bad_review" else "answer",
        "started": days.show(started), "deadline": days.show(days.end_of(last)),
        "last_day": last.isoformat(), "provisional": days.provisional(first, last),
        "days": [dict(date=day.isoformat(), kind=days.kind(day),
                      counted=day > first and days.kind(day) in ("workday", "makeup_workday"))
                 for day in span],
    }


def explain(paths, days, policy):
    failed = 0
    for _, _, line in lines_of(paths):
        try:
            emit(explain_line(line, days, policy))
        except BadEvent as fault:
            failed = 1
            emit({"error": str(fault).encode("ascii", "backslashreplace").decode()})
    return failed


def replay(options, days):
    book, bad = read_book(options.files)
    until = parse_time(options.until) if options.until else book.last_time()
    cases = book.cases(days, options.policy, until)
    if options.summary:
        emit(summary(cases, until, None if until is None else days.show(until),
                     POLICIES[options.policy]["contact"], options.first, options.end))
    else:
        for case in cases:
            emit(case.show(until))
    return 1 if bad else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calendar", required=True, metavar="CSV")
    parser.add_argument("--policy", default="meilong-2024", choices=sorted(POLICIES))
    parser.add_argument("--zone", default="Asia/Shanghai")
    parser.add_argument("--until", metavar="TIME")
    parser.add_argument("--summary", action="store_true")
    parser.add_argument("--from", dest="first", type=date.fromisoformat, metavar="DATE")
    parser.add_argument("--to", dest="end", type=date.fromisoformat, metavar="DATE")
    parser.add_argument("--explain", action="store_true")
    parser.add_argument("files", nargs="+", metavar="FILE", help="- for stdin")
    options = parser.parse_args()
    days = Days(options.calendar, options.zone)
    sys.stdout.reconfigure(encoding="utf-8")
    if options.explain:
        return explain(options.files, days, options.policy)
    try:
        return replay(options, days)
    except BadEvent as fault:
        parser.error("--until: %s" % fault)


if __name__ == "__main__":
    sys.exit(main())
