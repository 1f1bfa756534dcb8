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
# R15 'Past its deadline' goes by the round's main clock; a round without one has no deadline to come before, so neither
#     extension nor suspension is in time. A clock past its own deadline stays out of a suspension. What stops a suspended
#     clock while the case stays suspended resumes that clock alone. "While the clock was suspended" (2.6) is the main clock.
# R16 Clocks are listed in order of their start: answer 1, contact, answer 2, ...
# R17 A call-back without satisfaction leaves the earlier satisfaction; reached false does not discard one given.
# R18 A linked rating is history only where it is timed before the ticket's receipt or after its void or merge; it has no effects.
# R19 An appeal upheld after the rectification leaves the clock met, and counts under appeals_upheld alone.
#     appeals_upheld counts ratings, not events.
# R20 A grant cut to nothing, or that no running clock extends by, adds no days: it is not 'extended' and uses nothing up.
# R21 Of an answer that stops no main clock neither outcome nor direct counts. A main clock is counted in each class it is main of.
# R22 A fixed-date holiday of a provisional year that falls on a weekend is of kind holiday.
# R23 A clock is overdue from the first millisecond after its deadline; at --until = deadline it runs.
#
# Policies (docs/POLICY.md, docs/STEPS.md)
# R27 A clock with an opening or closing of its own and no hours keeps the policy's hours, where that has any: those two are for reminders.
# R28 Whether an instant lies in a period is a question of instants: a period that ends at 01:30 is over when 01:30 comes again.
# R29 'restarts' and 'from event' begin to count as a start does (next opening, rest day of receipt); 'started' stays. 'from round'
#     keeps the instant at which it began to count, and counts the suspensions so far in the unit of the new rule.
# R30 'earlier' compares deadlines as if the case were resumed at the event, with the platform's deadline where that counts.
#     A clock whose new rule does not suspend is resumed at the event; one whose new rule does rests from the event on.
# R31 A deadline of the platform's is moved by the part of a suspension that comes after it was stated, also by one that restarts
#     clocks; an effect's 'from event' forgets nothing of that. Moves are applied as to ours: suspensions in the unit of the clock
#     (in days: also to a rest day), then extensions. 'theirs' is printed as moved. Stated when no main clock runs, it waits for
#     one in the round; stated after answer or close, it is ignored. Equal deadlines are ours.
# R32 A late extension request, and a grant that was not asked for in time, do nothing: clocks and effects do not see them; but the
#     request is the round's latest. A grant cut to nothing, or too late, is a decision all the same: it stops the approval.
# R33 A contact that reached nobody has effects, but is nothing to clocks.
# R34 An event acts in this order: stops and cancels (figures under the unit before it), its own action, starts (by the class before
#     its effects), effects, starts by the class that an effect entered. A suspension that ends by itself and a rework are no events to clocks and effects.
# R35 An effect's class comes before its new round: the round begins with the new class's clocks; those that start with receipt
#     and did not run on into the round start in it too.
# R36 Where a class with a share or member clock is entered, that clock begins with the next unit, naming or round.
# R37 A unit that takes the case again goes on holding it: one stretch, one share clock. A stretch may last 0 ms.
# R38 Members: a unit has one clock a round, unless it was cancelled. One that runs on into a new round goes on. A list given after
#     answer or close cancels, and starts nothing before the next round. Where the class has no member clock (any more), a
#     member's answer stops its running clock and answers the case.
# R39 'within_workdays' of returns: a limit in working days by the policy's counting, hours and end of day included, from when
#     the unit took the case in this round. A case that nobody holds may be returned.
# R40 Ratings have no shares, approvals, members, due: the keys are there, empty or null. A rating is open while its class has a
#     main clock and it is neither rectified nor upheld.
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

from book import Book
from days import Calendar
from decode import BadEvent, decode, parse_object, parse_time
from figures import summary
from policy import FOLDER, Policy
from zone import Zone

CALENDAR = FOLDER.parent / "calendar/cn.json"


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


def explain_line(line, policy):
    asked = parse_object(line)
    if not isinstance(asked.get("received"), str) or not isinstance(asked.get("class"), str):
        raise BadEvent("received and class wanted, both strings")
    started = parse_time(asked["received"])
    cls = policy.classes.get(asked["class"])
    if cls is None or cls.main is None:
        raise BadEvent("no main clock in class %s" % asked["class"])
    return explain_clock(started, cls, policy)


def explain_clock(started, cls, policy):
    zone, limit = policy.zone, cls.main.limit
    beginning = limit.counting.beginning(started)
    end = limit.end(beginning, 0)
    first = zone.day_of(started)
    span = [first + timedelta(days=i) for i in range((end.last_day - first).days + 1)]
    return {
        "received": zone.show(started), "class": cls.name, "clock": cls.main.name,
        "started": zone.show(started), "deadline": zone.show(end.deadline),
        "last_day": end.last_day.isoformat(), "provisional": policy.calendar.provisional(first, end.last_day),
        "days": [dict(date=day.isoformat(), kind=policy.calendar.kind(day), counted=limit.counted(day, beginning, end))
                 for day in span],
    }


def explain(paths, policy):
    failed = 0
    for _, _, line in lines_of(paths):
        try:
            emit(explain_line(line, policy))
        except BadEvent as fault:
            failed = 1
            emit({"error": str(fault).encode("ascii", "backslashreplace").decode()})
    return failed


def replay(options, policy):
    book, bad = read_book(options.files)
    until = parse_time(options.until) if options.until else book.last_time()
    cases = book.cases(policy, until)
    if options.summary:
        emit(summary(cases, until, None if until is None else policy.zone.show(until), policy.counts_contact, options.first, options.end))
    else:
        for case in cases:
            emit(case.show(until))
    return 1 if bad else 0


def add_rules(parser):
    """The options that say by which rules to count."""
    parser.add_argument("--policy", default="meilong-2024", metavar="NAME|FILE")
    parser.add_argument("--calendar", default=str(CALENDAR), metavar="FILE")
    parser.add_argument("--zone", default="Asia/Shanghai")


def rules_of(options):
    return Policy.load(options.policy, Calendar.load(options.calendar), Zone(options.zone))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    add_rules(parser)
    parser.add_argument("--until", metavar="TIME")
    parser.add_argument("--summary", action="store_true")
    parser.add_argument("--from", dest="first", type=date.fromisoformat, metavar="DATE")
    parser.add_argument("--to", dest="end", type=date.fromisoformat, metavar="DATE")
    parser.add_argument("--explain", action="store_true")
    parser.add_argument("files", nargs="+", metavar="FILE", help="- for stdin")
    options = parser.parse_args()
    policy = rules_of(options)
    sys.stdout.reconfigure(encoding="utf-8")
    if options.explain:
        return explain(options.files, policy)
    try:
        return replay(options, policy)
    except BadEvent as fault:
        parser.error("--until: %s" % fault)


if __name__ == "__main__":
    sys.exit(main())
