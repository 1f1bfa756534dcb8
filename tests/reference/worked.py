"""Examples of docs/POLICY.md worked out by hand, so that the model and the programs cannot be wrong alike.

DEADLINES: (zone, fields of counting, limit, received, deadline, last day). LIVES: (what it shows, changes of a plain policy, events,
until, what the case shows). Days of 2024: 09-23 is a Monday; 09-29, a Sunday, is worked; 10-01 to 10-07 are holidays.
"""
import copy

from policies import DAY_KINDS, plain

SHANGHAI, NEW_YORK = "Asia/Shanghai", "America/New_York"
LUNCH = {"hours": [["09:00", "11:30"], ["13:30", "17:30"]]}
ALL_DAY = {"hours": [["00:00", "24:00"]], "calendar": "every-day"}

DEADLINES = [
    (SHANGHAI, {}, ("limit_days", 7), "2024-09-23T10:00:00+08:00", "2024-10-01T00:00:00+08:00", "2024-09-30"),
    (SHANGHAI, {}, ("limit_days", 7), "2024-09-24T10:00:00+08:00", "2024-10-09T00:00:00+08:00", "2024-10-08"),
    (SHANGHAI, {"last_rest_day": "stays"}, ("limit_days", 7), "2024-09-24T10:00:00+08:00", "2024-10-02T00:00:00+08:00", "2024-10-01"),
    (SHANGHAI, {"day_end": "same-time"}, ("limit_workdays", 1), "2024-09-30T10:15:00+08:00", "2024-10-08T10:15:00+08:00", "2024-10-08"),
    (SHANGHAI, {"day_end": "17:30"}, ("limit_workdays", 1), "2024-09-30T10:15:00+08:00", "2024-10-08T17:30:00+08:00", "2024-10-08"),
    (SHANGHAI, {}, ("limit_workdays", 1), "2024-09-27T18:00:00+08:00", "2024-09-30T00:00:00+08:00", "2024-09-29"),
    (SHANGHAI, {"outside_hours": "next-opening"}, ("limit_workdays", 1), "2024-09-27T18:00:00+08:00", "2024-10-01T00:00:00+08:00", "2024-09-30"),
    (SHANGHAI, {"outside_hours": "next-opening", "day_end": "same-time"}, ("limit_workdays", 1),
     "2024-09-27T18:00:00+08:00", "2024-09-30T09:00:00+08:00", "2024-09-30"),
    (SHANGHAI, {"outside_hours": "next-opening"}, ("limit_hours", 24), "2024-09-28T12:00:00+08:00", "2024-09-30T09:00:00+08:00", "2024-09-30"),
    (SHANGHAI, {}, ("limit_days", 1), "2024-09-21T12:00:00+08:00", "2024-09-24T00:00:00+08:00", "2024-09-23"),
    (SHANGHAI, {"rest_day_receipt": "next-workday"}, ("limit_days", 1), "2024-09-21T12:00:00+08:00", "2024-09-25T00:00:00+08:00", "2024-09-24"),
    (SHANGHAI, {"rest_day_receipt": "next-workday"}, ("limit_workdays", 1), "2024-09-21T12:00:00+08:00", "2024-09-25T00:00:00+08:00", "2024-09-24"),
    (SHANGHAI, LUNCH, ("limit_work_hours", 2), "2024-09-23T10:30:00+08:00", "2024-09-23T14:30:00+08:00", "2024-09-23"),
    (SHANGHAI, LUNCH, ("limit_work_hours", 2), "2024-09-23T09:30:00+08:00", "2024-09-23T11:30:00+08:00", "2024-09-23"),
    (SHANGHAI, LUNCH, ("limit_work_hours", 8), "2024-09-20T16:00:00+08:00", "2024-09-23T17:30:00+08:00", "2024-09-23"),
    (SHANGHAI, LUNCH, ("limit_work_hours", 1), "2024-09-20T17:30:00+08:00", "2024-09-23T10:00:00+08:00", "2024-09-23"),
    (SHANGHAI, ALL_DAY, ("limit_work_hours", 14), "2024-10-01T10:00:00+08:00", "2024-10-02T00:00:00+08:00", "2024-10-01"),
    (SHANGHAI, {}, ("limit_hours", 14), "2024-10-01T10:00:00+08:00", "2024-10-02T00:00:00+08:00", "2024-10-01"),
    (NEW_YORK, {}, ("limit_hours", 24), "2024-03-09T10:00:00-05:00", "2024-03-10T11:00:00-04:00", "2024-03-10"),
    (NEW_YORK, {}, ("limit_hours", 24), "2024-11-02T10:00:00-04:00", "2024-11-03T09:00:00-05:00", "2024-11-03"),
    (NEW_YORK, ALL_DAY, ("limit_work_hours", 24), "2024-03-10T00:00:00-05:00", "2024-03-11T01:00:00-04:00", "2024-03-11"),
    (NEW_YORK, ALL_DAY, ("limit_work_hours", 24), "2024-11-03T00:00:00-04:00", "2024-11-03T23:00:00-05:00", "2024-11-03"),
    (NEW_YORK, dict(ALL_DAY, day_end="02:30"), ("limit_workdays", 1), "2024-03-09T12:00:00-05:00", "2024-03-10T03:00:00-04:00", "2024-03-10"),
    (NEW_YORK, dict(ALL_DAY, day_end="02:30"), ("limit_workdays", 2), "2024-03-09T12:00:00-05:00", "2024-03-11T02:30:00-04:00", "2024-03-11"),
    (NEW_YORK, dict(ALL_DAY, day_end="01:30"), ("limit_workdays", 1), "2024-11-02T12:00:00-04:00", "2024-11-03T01:30:00-04:00", "2024-11-03"),
    (NEW_YORK, dict(ALL_DAY, hours=[["01:30", "02:30"]]), ("limit_work_hours", 2),
     "2024-11-03T00:00:00-04:00", "2024-11-03T02:30:00-05:00", "2024-11-03"),
    (NEW_YORK, dict(ALL_DAY, hours=[["01:30", "02:30"]], outside_hours="next-opening"), ("limit_work_hours", 1),
     "2024-03-10T03:00:00-04:00", "2024-03-11T02:30:00-04:00", "2024-03-11"),
]


def policy_of(counting, limit):
    """A plain policy that counts so, its main clocks limited so."""
    policy = plain("worked")
    policy["counting"].update(counting)
    policy["calendars"] = {"every-day": {"counts": DAY_KINDS}}
    for cls in policy["classes"]:
        for clock in cls["clocks"]:
            del clock["limit_workdays"]
            clock[limit[0]] = limit[1]
    return policy


def with_clock(policy, **clock):
    """The same clock in each class of tickets, 1 working day unless it says otherwise."""
    policy = copy.deepcopy(policy)
    for cls in policy["classes"]:
        if cls["of"] == "ticket":
            cls["clocks"].append(dict({"suspends": True, "extends": False}, **clock))
    return policy


def changed(policy, **fields):
    return dict(copy.deepcopy(policy), **fields)


def events(text):
    """Lines 'time type [member=value ...]', of one case, times in Shanghai."""
    made = []
    for number, line in enumerate(text.strip().splitlines()):
        time, kind, *given = line.split()
        data = {"kind": "complaint"} if kind == "received" else {}
        for member in given:
            name, value = member.split("=")
            data[name] = (value.split(",") if name == "co_units" else int(value) if value.isdigit() else
                          "2024-%s:00+08:00" % value if name == "due" else {"true": True, "false": False}.get(value, value))
        made.append({"specversion": "1.0", "id": str(number), "source": "/worked", "type": "ticket." + kind, "subject": "W",
                     "time": "2024-%s:00+08:00" % time, "data": data})
    return made


def at(time):
    return "2024-%s:00+08:00" % time


WORKDAYS, DAYS, HOURS, WORK_HOURS = [policy_of({}, limit) for limit in (
    ("limit_workdays", 5), ("limit_days", 5), ("limit_hours", 24), ("limit_work_hours", 4))]
PATIENCE = {"max_workdays": 2, "reasons": [{"reason": "weather"}, {"reason": "correction", "then": "restarts", "max_workdays": 30}]}
RAISE = {"on": "ticket.supervised", "in": ["plain"], "class": "quick", "from": "event", "deadline": "earlier"}

LIVES = [
    ("a suspension adds working time", WORK_HOURS, """
        09-23T09:00 received
        09-23T10:00 suspended
        09-24T11:00 resumed""", "09-24T12:00", {"clocks.0.deadline": at("09-24T14:00"), "clocks.0.outcome": "running"}),
    ("a suspension adds hours from the beginning of counting on", policy_of({"outside_hours": "next-opening"}, ("limit_hours", 24)), """
        09-22T12:00 received
        09-22T13:00 suspended
        09-23T10:00 resumed""", "09-23T12:00", {"clocks.0.deadline": at("09-24T10:00")}),
    ("a suspension adds days, and then the last day moves", DAYS, """
        09-23T09:00 received
        09-24T10:00 suspended
        09-29T11:00 resumed""", "09-30T12:00", {"clocks.0.deadline": at("10-09T00:00"), "clocks.0.last_day": "2024-10-08"}),
    ("an extension keeps the time of day", HOURS, """
        09-23T10:15 received
        09-23T11:00 extension_granted days=2""", "09-23T12:00", {"clocks.0.deadline": at("09-26T10:15"), "clocks.0.last_day": "2024-09-26"}),
    ("a suspension ends by itself", changed(WORKDAYS, suspension=PATIENCE), """
        09-23T09:00 received
        09-27T15:00 suspended reason=weather""", "09-30T00:00",
     {"state": "received", "clocks.0.outcome": "running", "clocks.0.deadline": at("10-09T00:00")}),
    ("a reason that is not listed does nothing", changed(WORKDAYS, suspension=PATIENCE), """
        09-23T09:00 received
        09-23T15:00 suspended reason=lazy""", "09-24T00:00", {"state": "received", "clocks.0.outcome": "running"}),
    ("the clock begins anew", changed(WORKDAYS, suspension=PATIENCE), """
        09-23T09:00 received
        09-24T09:00 extension_granted days=1
        09-24T15:00 suspended reason=correction
        09-26T09:00 resumed""", "09-27T00:00",
     {"clocks.0.started": at("09-23T09:00"), "clocks.0.last_day": "2024-10-10"}),
    ("shares", with_clock(WORKDAYS, clock="share", kind="share", limit_hours=2), """
        09-23T09:00 received
        09-23T10:00 dispatched unit=a
        09-23T11:00 dispatched unit=a
        09-23T13:00 transferred unit=b
        09-23T14:00 answered
        09-24T09:00 reopened""", "09-24T10:00",
     {"shares.0": {"unit": None, "round": 1, "from": at("09-23T09:00"), "to": at("09-23T10:00"), "held_ms": 3600000},
      "shares.1.held_ms": 10800000, "shares.1.clock.outcome": "missed", "shares.1.clock.overdue_ms": 3600000, "shares.2.unit": "b",
      "shares.2.to": at("09-23T14:00"), "shares.2.clock.round": 2, "shares.2.clock.outcome": "met", "shares.3.round": 2,
      "shares.3.to": None, "shares.3.held_ms": 3600000, "shares.3.clock.round": 3, "shares.3.clock.outcome": "running"}),
    ("members answer for themselves", with_clock(WORKDAYS, clock="join", kind="member", limit_workdays=1), """
        09-23T09:00 received
        09-23T10:00 dispatched unit=a co_units=b,a,c,d
        09-23T11:00 answered unit=b outcome=explained
        09-23T12:00 transferred unit=c
        09-23T13:00 answered unit=c outcome=solved
        09-25T14:00 answered unit=d outcome=explained""", "09-25T15:00",
     {"state": "answered", "outcome": "solved", "clocks.0.stopped": at("09-23T13:00"), "members.0.unit": "b", "members.0.outcome": "met",
      "members.1.unit": "c", "members.1.outcome": "cancelled", "members.2.unit": "d", "members.2.round": 3, "members.2.outcome": "missed"}),
    ("a member's clock that runs on serves the round in which it stops", with_clock(WORKDAYS, clock="join", kind="member", limit_workdays=1), """
        09-23T09:00 received unit=a co_units=b
        09-23T10:00 answered unit=a
        09-23T11:00 reopened
        09-23T12:00 answered unit=b
        09-23T13:00 amended co_units=b
        09-23T14:00 answered unit=a
        09-23T15:00 reopened""", "09-23T16:00",
     {"members.0.started": at("09-23T09:00"), "members.0.stopped": at("09-23T12:00"), "members.1.started": at("09-23T15:00"),
      "members.1.round": 2, "members.1.outcome": "running"}),
    ("an approval", with_clock(WORKDAYS, clock="approve", kind="approval", limit_hours=2), """
        09-23T09:00 received
        09-23T10:00 extension_requested days=3
        09-23T11:00 extension_requested days=5
        09-23T12:01 extension_granted days=5""", "09-23T13:00",
     {"approvals": [{"name": "approve", "round": 1, "started": at("09-23T10:00"), "deadline": at("09-23T12:00"), "last_day": "2024-09-23",
                     "stopped": at("09-23T12:01"), "outcome": "missed", "overdue_ms": 60000, "provisional": False}]}),
    ("the platform's deadline, moved by what comes after", changed(WORKDAYS, due="theirs"), """
        09-23T09:00 received
        09-23T10:00 extension_granted days=1
        09-23T11:00 dispatched unit=a due=09-25T12:00
        09-24T10:00 suspended
        09-25T10:00 resumed""", "09-25T11:00",
     {"clocks.0.deadline": at("09-26T12:00"), "clocks.0.last_day": "2024-09-26",
      "due": {"theirs": at("09-26T12:00"), "ours": at("10-09T00:00"), "difference_ms": -1080000000}}),
    ("the earlier of two deadlines", changed(WORKDAYS, due="earlier"), """
        09-23T09:00 received due=10-25T12:00""", "09-25T11:00",
     {"clocks.0.deadline": at("09-30T00:00"), "due.theirs": at("10-25T12:00"), "due.ours": at("09-30T00:00")}),
    ("a supervised case gets the shorter limit", changed(plain("worked"), effects=[RAISE]), """
        09-23T09:00 received
        09-23T12:00 supervised""", "09-24T11:00",
     {"class": "quick", "clocks.0.started": at("09-23T09:00"), "clocks.0.deadline": at("09-25T00:00")}),
    ("an amendment gives the class from receipt on", changed(plain("worked"), effects=[RAISE]), """
        09-23T09:00 received
        09-27T12:00 supervised
        09-27T13:00 amended simple=true""", "09-27T14:00", {"class": "quick", "clocks.0.deadline": at("09-25T00:00")}),
    ("amendments alter the class below", changed(plain("worked"), effects=[dict(RAISE, deadline="new")]), """
        09-23T09:00 received
        09-27T09:00 supervised
        09-27T10:00 amended kind=help""", "09-27T11:00", {"class": "quick", "clocks.0.deadline": at("09-30T00:00")}),
    ("the longer limit is not taken", changed(plain("worked"), effects=[dict(RAISE, **{"class": "review"})]), """
        09-23T09:00 received
        09-27T09:00 supervised""", "09-27T11:00", {"class": "review", "clocks.0.deadline": at("09-30T00:00")}),
    ("a bad call-back is reworked", changed(plain("worked"), effects=[
        {"on": "ticket.called_back", "satisfaction": [1, 2], "rework": True, "class": "review"}]), """
        09-23T09:00 received unit=a
        09-23T10:00 answered outcome=solved
        09-24T09:00 called_back satisfaction=1""", "09-24T11:00",
     {"class": "review", "state": "dispatched", "outcome": "solved", "clocks.0.outcome": "met", "clocks.1.round": 2,
      "clocks.1.started": at("09-24T09:00"), "clocks.1.deadline": at("09-27T00:00")}),
    ("returns have an end", changed(plain("worked"), classes=[
        dict(cls, returns={"max_a_round": 2, "within_workdays": 1}) if cls["of"] == "ticket" else cls for cls in plain("worked")["classes"]]), """
        09-23T09:00 received unit=a
        09-23T10:00 returned
        09-23T11:00 dispatched unit=b
        09-25T00:00 returned
        09-25T11:00 dispatched unit=c
        09-25T12:00 returned
        09-25T13:00 amended unit=d""", "09-26T11:00", {"state": "dispatched", "unit": "d"}),
    ("a return too late", changed(plain("worked"), classes=[
        dict(cls, returns={"within_workdays": 1}) if cls["of"] == "ticket" else cls for cls in plain("worked")["classes"]]), """
        09-23T09:00 dispatched unit=z
        09-23T10:00 received
        09-23T11:00 dispatched unit=b
        09-25T00:01 returned""", "09-26T11:00", {"state": "dispatched", "unit": "b"}),
]


def member(value, path):
    """What a path such as 'clocks.0.deadline' leads to."""
    for step in path.split("."):
        value = value[int(step) if isinstance(value, list) else step]
    return value
