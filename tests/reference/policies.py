#!/usr/bin/env python3
"""Seeded random policies in the format of docs/POLICY.md: one a feature by itself first, then many features together.

make(seed) is the policy as an object; run as a script, it prints it. A feature is a function that changes a plain policy.
"""
import json
import random
import sys

TICKET_CLASSES = ["plain", "quick", "raised", "review"]
UNITS = {"limit_workdays": [1, 1, 2, 3, 5, 15], "limit_days": [0, 1, 2, 3, 7, 10, 30],
         "limit_work_hours": [1, 2, 4, 7, 8, 16, 40], "limit_hours": [1, 2, 12, 24, 25, 72, 240]}
HOURS = [[["09:00", "11:30"], ["13:30", "17:30"]], [["00:00", "24:00"]], [["08:30", "12:00"], ["13:00", "24:00"]], [["01:30", "02:30"]],
         [["00:30", "02:15"], ["02:20", "02:40"], ["02:45", "03:15"], ["12:00", "12:01"], ["12:02", "17:30"], ["23:00", "24:00"]],
         [["00:00", "08:00"], ["22:00", "24:00"]]]
DAY_ENDS = ["24:00", "17:30", "12:00", "02:30", "01:30", "same-time", "same-time"]
DAY_KINDS = ["workday", "weekend", "holiday", "makeup_workday"]
SPECIAL_DAYS = ["2024-02-08", "2024-02-10", "2024-02-17", "2024-03-09", "2024-03-10", "2024-09-14", "2024-09-29", "2024-10-01", "2024-10-07",
                "2024-10-12", "2024-11-02", "2024-11-03", "2024-11-04", "2025-01-27", "2025-12-31", "2026-02-16", "2026-02-17", "2026-12-25"]
STEPS = ["ticket.amended", "ticket.dispatched", "ticket.signed", "ticket.contacted", "ticket.transferred", "ticket.returned",
         "ticket.suspended", "ticket.resumed", "ticket.extension_requested", "ticket.extension_refused", "ticket.urged",
         "ticket.supervised", "ticket.answered", "ticket.called_back", "ticket.closed", "ticket.reopened"]
ENDS = ["ticket.voided", "ticket.merged"]
ROLES = ["handler", "leader", "supervision", "dispatcher", "circulation", "lead", "co_handlers"]
FEATURES = []


def feature(change):
    FEATURES.append(change)
    return change


# A plain policy, and parts of it

def plain(name):
    answer = dict(clock="answer", limit_workdays=5, starts="each-round", stopped_by=["ticket.answered", "ticket.closed"],
                  cancelled_by=ENDS, suspends=True, extends=True)
    rectify = dict(clock="rectify", limit_workdays=5, starts="receipt", stopped_by=["rating.rectified"],
                   cancelled_by=["rating.appeal_upheld"], suspends=False, extends=False)
    return {
        "policy": name, "effective_from": "2024-01-01T00:00:00+08:00",
        "counting": {"rest_day_receipt": "as-received", "day_end": "24:00", "opening": "09:00", "closing": "17:30"},
        "extension": {"max_workdays_a_round": 10},
        "classes": [{"class": name, "of": "ticket", "clocks": [dict(answer, limit_workdays=days)]}
                    for name, days in zip(TICKET_CLASSES, (5, 1, 3, 2))]
        + [{"class": "bad", "of": "rating", "clocks": [rectify]}, {"class": "rest", "of": "rating", "clocks": []}],
        "rules": [{"of": "ticket", "simple": True, "class": "quick"}, {"of": "ticket", "class": "plain"},
                  {"of": "rating", "satisfaction": [1, 2], "default": False, "class": "bad"}, {"of": "rating", "class": "rest"}],
    }


def ticket_classes(policy):
    return [cls for cls in policy["classes"] if cls["of"] == "ticket"]


def rating_class(policy):
    return next(cls for cls in policy["classes"] if cls["class"] == "bad")


def clocks(policy):
    return [clock for cls in policy["classes"] for clock in cls["clocks"]]


def main_clocks(policy):
    return [cls["clocks"][0] for cls in ticket_classes(policy)]


def some(dice, values):
    """One at least."""
    values = list(values)
    return [value for value in values if dice.random() < 0.6] or [dice.choice(values)]


def in_order(dice, values):
    return sorted(some(dice, values), key=list(values).index)


def yes(dice):
    return dice.random() < 0.5


def limit(dice, unit=None):
    unit = unit or dice.choice(sorted(UNITS))
    return {unit: dice.choice(UNITS[unit])}


def limited(dice, clock, unit=None):
    for name in UNITS:
        clock.pop(name, None)
    clock.update(limit(dice, unit))


def add_clock(dice, policy, *classes, **fields):
    """Adds a clock to some classes, or to these; each with a limit of its own."""
    owed_by = {"owed_by": dice.choice(["handler", "dispatcher", "approver", "hotline"])} if yes(dice) else {}
    for cls in classes or some(dice, ticket_classes(policy)):
        cls["clocks"].append(dict(fields, **limit(dice), suspends=yes(dice), extends=yes(dice), **owed_by))


# Counting

def give_unit(dice, policy, unit):
    for clock in some(dice, clocks(policy)):
        limited(dice, clock, unit)
    limited(dice, policy["classes"][0]["clocks"][0], unit)


@feature
def limits_in_days(dice, policy):
    give_unit(dice, policy, "limit_days")


@feature
def limits_in_work_hours(dice, policy):
    give_unit(dice, policy, "limit_work_hours")


@feature
def limits_in_hours(dice, policy):
    give_unit(dice, policy, "limit_hours")


@feature
def limits_in_all_units(dice, policy):
    for clock in clocks(policy):
        limited(dice, clock)


@feature
def next_workday(dice, policy):
    policy["counting"]["rest_day_receipt"] = "next-workday"


@feature
def next_opening(dice, policy):
    policy["counting"]["outside_hours"] = "next-opening"


@feature
def day_end(dice, policy):
    policy["counting"]["day_end"] = dice.choice(DAY_ENDS[1:])


@feature
def hours(dice, policy):
    policy["counting"]["hours"] = dice.choice(HOURS)
    give_unit(dice, policy, "limit_work_hours")


def derived_calendar(dice):
    days = dice.sample(SPECIAL_DAYS, dice.randint(0, 10))
    cut = dice.randint(0, len(days))
    kinds = set(some(dice, DAY_KINDS) + [dice.choice(["workday", "weekend"])])     # of holidays alone there are too few
    made = {"counts": [kind for kind in DAY_KINDS if kind in kinds], "on": sorted(days[:cut]), "off": sorted(days[cut:])}
    return {name: value for name, value in made.items() if value or yes(dice)}


@feature
def own_calendars(dice, policy):
    policy.setdefault("calendars", {}).update(duty={"counts": DAY_KINDS}, odd=derived_calendar(dice))
    policy["counting"]["calendar"] = dice.choice(["duty", "odd"])


@feature
def last_day_stays(dice, policy):
    policy["counting"]["last_rest_day"] = "stays"
    give_unit(dice, policy, "limit_days")


def own_counting(dice, policy):
    fields = {"rest_day_receipt": dice.choice(["as-received", "next-workday"]), "outside_hours": dice.choice(["as-received", "next-opening"]),
              "day_end": dice.choice(DAY_ENDS), "hours": dice.choice(HOURS), "last_rest_day": dice.choice(["moves", "stays"]),
              "opening": "08:00", "closing": "18:00"}
    if "calendars" in policy:
        fields["calendar"] = dice.choice(sorted(policy["calendars"]))
    return {name: fields[name] for name in dice.sample(sorted(fields), dice.randint(0, 5))}


@feature
def clocks_with_own_counting(dice, policy):
    policy.setdefault("calendars", {"spare": derived_calendar(dice)})
    for clock in some(dice, clocks(policy)):
        limited(dice, clock)
        clock["counting"] = own_counting(dice, policy)


# Clocks

@feature
def contact_clock(dice, policy):
    add_clock(dice, policy, clock="contact", starts="receipt", stopped_by=["ticket.contacted"],
              cancelled_by=["ticket.answered", "ticket.closed", *ENDS])


@feature
def sign_clock(dice, policy):
    restarts = ["ticket.transferred"] if yes(dice) else []
    add_clock(dice, policy, clock="sign", kind="case", starts=["ticket.dispatched", "ticket.transferred"], stopped_by=["ticket.signed"],
              cancelled_by=[*restarts, "ticket.returned", "ticket.answered", "ticket.closed", *ENDS])


@feature
def call_back_clock(dice, policy):
    add_clock(dice, policy, clock="call-back", starts=["ticket.answered"], stopped_by=["ticket.called_back"],
              cancelled_by=["ticket.reopened", *ENDS])


@feature
def any_clock(dice, policy):
    steps = dice.sample(STEPS, 7)
    starts = dice.choice(["receipt", "each-round", steps[:3], steps[:1]])
    add_clock(dice, policy, clock="any", starts=starts, stopped_by=steps[3:5], cancelled_by=[*steps[5:], *steps[:dice.randint(0, 1)], *ENDS])


@feature
def main_clock_of_the_first_round(dice, policy):
    for clock in some(dice, main_clocks(policy)):
        clock["starts"] = "receipt"


@feature
def main_clock_stopped_early(dice, policy):
    for clock in some(dice, main_clocks(policy)):
        clock["stopped_by"] = [dice.choice(["ticket.contacted", "ticket.signed"]), *clock["stopped_by"]]


@feature
def clocks_that_do_not_follow(dice, policy):
    for clock in clocks(policy):
        clock.update(suspends=yes(dice), extends=yes(dice))


@feature
def share_clock(dice, policy):
    add_clock(dice, policy, clock="share", kind="share")


@feature
def approval_clock(dice, policy):
    add_clock(dice, policy, clock="approve", kind="approval")


@feature
def member_clock(dice, policy):
    add_clock(dice, policy, clock="join", kind="member")


@feature
def rating_clocks(dice, policy):
    cls = rating_class(policy)
    add_clock(dice, policy, cls, clock="verify", starts="receipt", stopped_by=["rating.verified"], cancelled_by=["rating.appeal_upheld"])
    add_clock(dice, policy, cls, clock="appeal", starts=["rating.appealed"], stopped_by=["rating.appeal_rejected", "rating.appeal_upheld"],
              cancelled_by=["rating.published"])


# Steps

@feature
def returns(dice, policy):
    for cls in some(dice, ticket_classes(policy)):
        allowed = {"max_a_round": dice.choice([0, 1, 1, 2]), "within_workdays": dice.choice([1, 1, 2])}
        cls["returns"] = {name: allowed[name] for name in some(dice, allowed)}


@feature
def due_theirs(dice, policy):
    policy["due"] = "theirs"


@feature
def due_earlier(dice, policy):
    policy["due"] = "earlier"


@feature
def longest_suspension(dice, policy):
    policy.setdefault("suspension", {})["max_workdays"] = dice.choice([1, 2, 3, 10])


@feature
def reasons_of_suspension(dice, policy):
    policy.setdefault("suspension", {})["reasons"] = [
        {"reason": "third-party", "max_workdays": dice.choice([1, 2, 15])}, {"reason": "weather"},
        {"reason": "correction", "then": "restarts"}, {"reason": "材料不全", "max_workdays": dice.choice([1, 3]), "then": "restarts"},
        {"reason": "court", "then": "continues"}]


@feature
def extensions_cut_short(dice, policy):
    policy["extension"]["max_workdays_a_round"] = dice.choice([0, 1, 4])


def effect_on_class(dice, **fields):
    fields["class"] = dice.choice(TICKET_CLASSES)
    if yes(dice):
        fields["from"] = dice.choice(["event", "event", "round"])
    if yes(dice):
        fields["deadline"] = dice.choice(["earlier", "earlier", "new"])
    if yes(dice):
        fields["in"] = in_order(dice, TICKET_CLASSES)
    return fields


@feature
def supervision_raises_class(dice, policy):
    policy.setdefault("effects", []).append({"on": "ticket.supervised", "class": "raised", "in": ["plain", "quick"], "from": "event",
                                             "deadline": "earlier"})


@feature
def rework(dice, policy):
    policy.setdefault("effects", []).extend([
        {"on": "ticket.called_back", "satisfaction": [1, 2], "rework": True, "class": "review"},
        {"on": "ticket.called_back", "solved": False, "rework": True}])


@feature
def effects_of_any_kind(dice, policy):
    made = policy.setdefault("effects", [])
    for step in dice.sample(STEPS, dice.randint(1, 4)):
        made.append(effect_on_class(dice, on=step))
    for _ in range(dice.randint(0, 2)):
        fields = {"on": "ticket.called_back", "rework": yes(dice)}
        if yes(dice):
            fields["satisfaction"] = in_order(dice, [1, 2, 3, 4, 5])
        if yes(dice):
            fields["solved"] = yes(dice)
        made.append(effect_on_class(dice, **fields) if yes(dice) or not fields["rework"] else fields)


@feature
def rules_about_fields(dice, policy):
    policy["rules"][:0] = [
        {"of": "ticket", "item": ["Pothole", "路灯"], "area": ["310112"], "class": "raised"},
        {"of": "ticket", "channel": ["phone", "app"], "urgency": ["critical"], "class": "review"},
        {"of": "ticket", "kind": ["complaint", "help"], "urgency": ["urgent", "critical"], "simple": False, "class": "review"},
        {"of": "ticket", "area": ["310113", "310112"], "class": "quick"},
        {"of": "rating", "channel": ["qr"], "item": ["窗口"], "default": False, "class": "bad"}]


@feature
def ladders(dice, policy):
    """They remind, and alter no case: the fold must not mind them."""
    moments = [{"workdays_before": 2}, {"hours_before": 4}, {"minutes_before": 90}, {"overdue": True}, {"workdays_after": [1, 30]}, {"on": "ticket.urged"}]
    steps = [dict({"step": "step-%d" % i}, **moment, to=dice.sample(ROLES, dice.randint(1, len(ROLES)))) for i, moment in enumerate(moments)]
    policy["ladders"] = {"all": steps, "some": some(dice, steps)}
    for clock in some(dice, clocks(policy)):
        clock["ladder"] = dice.choice(["all", "some"])


def make(seed):
    """Seeds from 1 to the number of features: that feature alone. Beyond: about half of them."""
    dice = random.Random(seed)
    policy = plain("random-%d" % seed)
    changes = [FEATURES[seed - 1]] if seed <= len(FEATURES) else [change for change in FEATURES if yes(dice)]
    if len(changes) > 1:
        dice.shuffle(changes)
    for change in changes:
        change(dice, policy)
    return policy


if __name__ == "__main__":
    json.dump(make(int(sys.argv[1])), sys.stdout, ensure_ascii=False, indent=2)
    print()
