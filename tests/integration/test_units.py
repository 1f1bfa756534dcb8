"""Units: figures rolled up by them, who would get a notice and why, and what check says of units, sending hours and routes."""
import collections
import json
import random

import pytest

from harness import received, wait_for
from test_notify import ended, make_sink, make_town, simple  # noqa: F401: fixtures

COUNTS = ["received", "voided", "merged", "answered", "answered_in_time", "solved", "explained", "direct", "missed", "open", "open_overdue",
          "reopened", "urged", "supervised", "suspended", "extended", "transferred", "returned", "default_ratings", "bad_reviews", "rectified",
          "rectified_in_time", "rectify_missed", "appeals_upheld", "called_back", "reached"]
ENDED = "2025-12-31"
AT = "2026-06-30T12:00:00+08:00"


def write(stack, units):
    path = stack.dir / "units.json"
    path.write_text(json.dumps(dict({"version": "1"}, **units), ensure_ascii=False))
    return path


# Figures

def town(names, dice):
    """Units above those that have figures; some have ended, into another or nothing. Returns the file, and what stands above what."""
    units, above = [], {}
    for i, name in enumerate(["town", "east", "west", *names]):
        earlier = ["town", "east", "west", *names][:i]
        unit = {"unit": name}
        if earlier and dice.random() < 0.9:
            unit["parent"] = above[name] = dice.choice([one for one in earlier if "until" not in by_name(units, one)])
        if i > 4 and dice.random() < 0.3:
            unit["until"] = ENDED
            if dice.random() < 0.7:
                unit["successor"] = above[name] = dice.choice([one for one in earlier if "until" not in by_name(units, one)])
        units.append(unit)
    return {"units": units}, above


def by_name(units, name):
    return next(unit for unit in units if unit["unit"] == name)


def chain(above, name):
    while name is not None:
        yield name
        name = above.get(name)


def rate(part, whole):
    return round(part / whole, 6) if whole else None


def rolled(rows, above):
    """The rows that should be there: counts by unit, stars too."""
    sums = collections.defaultdict(collections.Counter)
    for row in rows:
        for unit in chain(above, row["unit"]):
            sums[unit].update({name: row[name] for name in COUNTS})
            for group in ("ratings", "callback"):
                sums[unit].update({group + star: count for star, count in row[group].items()})
    return sums


def check_row(row, count):
    assert {name: row[name] for name in COUNTS} == {name: count[name] for name in COUNTS}
    for group in ("ratings", "callback"):
        assert row[group] == {star: count[group + star] for star in row[group]}
    stars = [count["ratings%d" % star] for star in range(1, 6)]
    assert row["in_time_rate"] == rate(count["answered_in_time"], count["answered"])
    assert row["solved_rate"] == rate(count["solved"], count["solved"] + count["explained"])
    assert row["satisfaction_rate"] == rate(sum(stars[2:]), sum(stars))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_figures_roll_up(make_stack, life_cycles, seed):
    stack = make_stack()
    stack.spawn()
    stack.feed(life_cycles(40 + seed, 120, "--shuffle"))
    stack.settled()
    plain = stack.json("report", "summary", "--as-of", AT)[0]
    names = [row["unit"] for row in plain["units"] if row["unit"]]
    file, above = town(names[:-1], random.Random(seed))     # one that the file does not know
    config = stack.configure("units.ini", notify={"units": write(stack, file)})
    found = stack.json("report", "summary", "--as-of", AT, "--roll-up", config=config)[0]
    expected = rolled(plain["units"], above)
    assert len(found["units"]) == len(expected)
    for row in found["units"]:
        check_row(row, expected[row["unit"]])
        assert row["parent"] == above.get(row["unit"])
        assert row["depth"] == len(list(chain(above, row["unit"]))) - 1
    assert found["total"] == plain["total"] and found["as_of"] == plain["as_of"]
    assert stack.json("report", "summary", "--as-of", AT, config=config)[0] == plain     # unchanged without the option
    top = "east"
    part = stack.json("report", "summary", "--as-of", AT, "--roll-up", "--unit", top, config=config)[0]
    assert {row["unit"] for row in part["units"]} == {unit for unit in expected if top in chain(above, unit)}
    check_row(part["total"], expected[top])


def test_a_rolled_up_table_indents(make_stack):
    stack = make_stack()
    stack.spawn()
    stack.produce([received("A1", unit="a"), received("B1", unit="b")])
    stack.settled()
    config = stack.configure("units.ini", notify={"units": write(stack, {"units": [{"unit": "top"}, {"unit": "a", "parent": "top"}, {"unit": "b", "parent": "a"}]})})
    lines = stack.run("report", "summary", "--table", "--roll-up", config=config).stdout.decode().splitlines()
    rows = {line.split()[0]: line for line in lines if line.split()[:1] and line.split()[0] in ("top", "a", "b", "total")}
    assert rows["top"].startswith("top ") and rows["a"].startswith("  a ") and rows["b"].startswith("    b ")
    assert [rows[name].split()[1] for name in ("top", "a", "b")] == ["2", "2", "1"] and rows["total"].split()[2] == "2"
    done = stack.run("report", "summary", "--roll-up", good=(2,))
    assert b"[notify] units" in done.stderr
    bad = stack.configure("bad.ini", notify={"units": write(stack, {"units": [{"unit": "a", "parent": "x"}]})})
    done = stack.run("report", "summary", "--roll-up", config=bad, good=(2,))
    assert b'parent: no unit is called "x"' in done.stderr
    assert b'parent: no unit is called "x"' in stack.run("report", "check", config=bad, good=(2,)).stderr


# Who

OFFICE = {
    "dispatcher": "p", "supervision": "j",
    "people": [
        {"person": "li", "name": "李", "contacts": [{"endpoint": "hook"}], "absences": [{"from": "2026-10-01", "until": "2026-10-08"}], "substitutes": ["wang"]},
        {"person": "wang", "contacts": [{"endpoint": "hook"}, {"endpoint": "spare"}]}, {"person": "boss", "contacts": [{"endpoint": "hook"}]}, {"person": "mute"}],
    "units": [
        {"unit": "u", "handlers": ["li"], "leaders": ["boss"], "rosters": [{"kinds": ["holiday"], "people": ["li"]}]}, {"unit": "v", "handlers": ["mute"]},
        {"unit": "old", "until": "2025-12-31", "successor": "u"}, {"unit": "p", "handlers": ["wang"]}, {"unit": "j", "handlers": ["mute"]}]}


@pytest.fixture
def office(make_stack):
    def make(units=None, **sections):
        stack = make_stack(sections=dict({"endpoint hook": {"url": "http://127.0.0.1:9/", "units": "-"}, "endpoint spare": {"url": "http://127.0.0.1:9/", "units": "w"}}, **sections))
        stack.config = stack.configure("office.ini", notify={"units": write(stack, units or OFFICE)})
        return stack
    return make


def who(stack, *options, good=(0,)):
    return stack.json("notify", "who", *options, good=good)[0]


def test_who_gets_a_notice_and_why(office):
    stack = office()
    stack.redis.kill()     # it asks no server
    found = who(stack, "old", "--step", "escalate-d2", "--at", "2026-10-05T09:00:00+08:00")
    assert found["roles"] == ["handler", "leader"] and not found["elsewhere"]
    assert [(one["person"], one["roles"], one["why"]) for one in found["recipients"]] == [
        ("wang", ["handler"], [{"role": "handler", "unit": "u", "successor_of": "old", "on_duty": True, "stands_in_for": "li", "elsewhere": False}]),
        ("boss", ["leader"], [{"role": "leader", "unit": "u", "successor_of": "old", "on_duty": False, "elsewhere": False}])]
    assert [place["endpoint"] for place in found["recipients"][0]["places"]] == ["hook", "spare"]
    found = who(stack, "v", "--role", "handler", "--at", "2026-10-12T09:00:00+08:00")
    assert found["elsewhere"] and [one["person"] for one in found["recipients"]] == ["wang"]
    found = who(stack, "w", "--role", "leader", "--at", "2026-10-12T09:00:00+08:00")
    assert [(one["person"], one["places"]) for one in found["recipients"]] == [(None, [{"endpoint": "spare", "channel": "webhook", "address": None}])]
    text = stack.run("notify", "who", "old", "--role", "handler", "--at", "2026-10-05T09:00:00+08:00").stdout.decode()
    assert "handler of u, successor of old, on duty, stands in for li" in text
    for options, reason in ((["u"], "--at is needed"), (["u", "--role", "boss", "--at", AT], "--role"), (["u", "--step", "x", "--at", AT], "no step"),
                            (["u", "--at", "today"], "--at")):
        assert reason.encode() in stack.run("notify", "who", *options, good=(2,)).stderr
    empty = office({"units": [{"unit": "u"}]})
    assert who(empty, "u", "--role", "handler", "--at", AT, good=(1,))["recipients"] == []


def test_who_says_when(office):
    sending = {"version": "1", "hours": [{"periods": [["08:30", "18:00"]]}], "digests": [{"times": ["09:00"], "gathers": {"when": ["workdays_before"]}}]}
    stack = office()
    path = stack.dir / "sending.json"
    path.write_text(json.dumps(sending))
    config = stack.configure("hours.ini", notify={"units": stack.dir / "units.json", "sending": path})
    found = stack.json("notify", "who", "u", "--step", "overdue", "--at", "2026-10-03T22:00:00+08:00", config=config)[0]["recipients"][0]
    assert (found["opens"], found["digest"]) == ("2026-10-08T08:30:00+08:00", None)
    found = stack.json("notify", "who", "u", "--step", "remind-2d", "--at", "2026-10-03T22:00:00+08:00", config=config)[0]["recipients"][0]
    assert found["digest"] == "2026-10-08T09:00:00+08:00"
    assert b"digest of 2026-10-08T09:00:00+08:00" in stack.run("notify", "who", "u", "--step", "remind-2d", "--at", "2026-10-03T22:00:00+08:00", config=config).stdout


# Live

LIVE = {
    "dispatcher": "p",
    "people": [{"person": "li", "contacts": [{"endpoint": "people"}]}, {"person": "pai", "contacts": [{"endpoint": "dispatch"}]},
               {"person": "away", "contacts": [{"endpoint": "dispatch"}], "absences": [{"from": "2024-10-01"}], "substitutes": ["li"]}, {"person": "mute"}],
    "units": [{"unit": "wuye", "handlers": ["li"]}, {"unit": "old", "until": "2024-09-30", "successor": "wuye"}, {"unit": "absent", "handlers": ["away"]},
              {"unit": "silent", "handlers": ["mute"]}, {"unit": "p", "handlers": ["pai"]}]}


def test_notices_go_to_those_who_have_the_role_and_else_to_the_dispatcher(make_town, make_sink):  # noqa: F811
    people, dispatch = make_sink(), make_sink()
    stack = make_town({"people": (people, {"units": "-"}), "dispatch": (dispatch, {"units": "-"})})
    config = stack.configure("live.ini", notify={"units": write(stack, LIVE)}, appeals={"dispatcher": "wuye"})     # of alerts alone
    stack.spawn(), stack.spawn("sla"), stack.spawn("notify", config=config)
    stack.produce([simple(i, unit=unit) for i, unit in enumerate(["wuye", "old", "absent", "silent", "unknown", ""])])
    figures = wait_for("all notices", lambda: (lambda now: now and now["delivered"] == 6 and now)(ended(stack)))
    assert figures["exhausted"] == 0
    assert sorted(notice["subject"] for notice in people.notices()) == ["S00000", "S00001", "S00002"]
    assert sorted(notice["subject"] for notice in dispatch.notices()) == ["S00003", "S00004", "S00005"]


# Check

def test_check_warns_of_whom_nothing_reaches(office):
    stack = office()
    said = stack.run("notify", "check").stderr.decode()
    assert 'warning: units: "v": nobody can be reached' in said and 'warning: units: "j": nobody can be reached' in said
    assert 'units: "u":' not in said and 'units: "old"' not in said
    assert "warning: units: circulation: no unit takes that part" in said and "fault" not in said


def test_check_says_all_faults_of_the_files(office):
    units = dict(OFFICE, people=OFFICE["people"] + [{"person": "wu", "contacts": [{"endpoint": "nowhere"}], "age": 40}], dispatcher="x")
    stack = office(units)
    path = stack.dir / "sending.json"
    path.write_text('{"version": "1", "hours": [{"periods": []}], "digests": [{}]}')
    config = stack.configure("bad.ini", notify={"units": stack.dir / "units.json", "sending": path})
    said = stack.run("notify", "check", config=config, good=(2,)).stderr.decode()
    for fault in ('people[4]: unknown field "age"', 'dispatcher: no unit is called "x"', "hours[0]: periods: expected an array", "digests[0]: times: expected an array"):
        assert "fault: " in said and fault in said, said
    said = stack.run("report", "check", config=config, good=(2,)).stderr.decode()
    assert 'people[4]: unknown field "age"' in said and 'dispatcher: no unit is called "x"' in said
    del units["people"][-1]["age"]
    units["dispatcher"] = "p"
    write(stack, units)
    said = stack.run("notify", "check", good=(2,)).stderr.decode()
    assert 'units: person "wu": contacts[0]: there is no [endpoint nowhere]' in said
    assert "1 fault" in said


def test_the_shipped_files_pass(make_stack):
    stack = make_stack(sections={"notify": {"units": "conf/units.json", "sending": "conf/sending.json"}})
    assert b"fault" not in stack.run("notify", "check").stderr
    assert b"fault" not in stack.run("report", "check").stderr
