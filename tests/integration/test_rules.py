"""Rules that change: activated, recalculated, taken back, while the hotline goes on."""
import json

import pytest

from harness import TOP, received, wait_for

START = "2026-11-20T10:00:00+08:00"


def amended(stack, name="amended.json", holidays=("11-24",), version="2026-2"):
    """The shipped calendar with more holidays in 2026."""
    calendar = json.loads((TOP / "conf/calendar/cn.json").read_text())
    calendar["version"] = version
    year = next(year for year in calendar["years"] if year["year"] == 2026)
    year["holidays"] = sorted(year["holidays"] + list(holidays))
    path = stack.dir / name
    path.write_text(json.dumps(calendar))
    return path


def cases(count, time="2026-11-19T09:00:00+08:00", prefix="G"):
    return [received("%s%05d" % (prefix, i), time, kind="complaint", unit="u%d" % (i % 7)) for i in range(count)]


def deadlines(stack, until="2026-11-20T20:00:00+08:00"):
    return {row["case"]: [clock["deadline"] for clock in row["clocks"]] for row in map(json.loads, stack.dump(until))}


@pytest.fixture
def running(make_stack):
    """Three hundred open cases, a clock that makes a minute a second, and the timer daemon."""
    stack = make_stack(start=START, speed=60)
    stack.spawn()
    stack.spawn("sla")
    stack.produce(cases(300))
    stack.settled()
    return stack


def blobs(stack):
    return {key: stack.redis.client.hgetall(key) for key in stack.keys("case")}


def test_a_calendar_counts_for_new_cases_until_recalculated(running):
    stack = running
    before = stack.dump()
    record = stack.run("sla", "rules", "activate", "--calendar", amended(stack), "--yes").stdout.decode().strip()
    assert record.startswith("activate-")
    assert stack.dump() == before
    activated = next(row["activated"] for row in stack.json("sla", "rules") if row.get("calendar") == "cn-state-council 2026-2")
    start = stack.business_ms()
    wait_for("a minute of business time", lambda: stack.business_ms() > start + 60000)
    stack.produce(cases(10, "2026-11-20T10:30:00+08:00", "N"))
    stack.settled()
    assert activated < "2026-11-20T10:30:00+08:00"
    now = deadlines(stack)
    assert now["G00000"] == ["2026-11-27T00:00:00+08:00"] and now["N00000"] == ["2026-12-01T00:00:00+08:00"]


def test_recalculation_shows_applies_and_is_taken_back(running):
    stack = running
    before, stored = stack.dump("2026-11-20T20:00:00+08:00"), blobs(stack)
    stack.run("sla", "rules", "activate", "--calendar", amended(stack), "--yes")
    shown, = stack.json("sla", "recalc", "--dry-run")
    assert (shown["cases"], shown["deadlines_later"], shown["deadlines_earlier"]) == (300, 300, 0)
    assert blobs(stack) == stored
    done = stack.run("sla", "recalc", "--yes", "--json").stdout.splitlines()
    assert json.loads(done[-1])["written"] == 300
    record = json.loads(done[-1])["recalc"]
    assert set(map(tuple, deadlines(stack).values())) == {("2026-11-28T00:00:00+08:00",)}
    config = stack.configure("amended.ini", sla={"calendar": stack.dir / "amended.json"})
    replayed = stack.run("sla", "replay", "--json", "--until", "2026-11-20T20:00:00+08:00", stack.history_file(), config=config).stdout
    assert [line.replace(b',"duplicates":0', b"") for line in replayed.splitlines()] == stack.dump("2026-11-20T20:00:00+08:00")
    again = stack.run("sla", "recalc", "--yes")
    assert b"Nothing would move" in again.stderr
    stack.run("sla", "recalc", "--undo", record, "--yes")
    assert stack.dump("2026-11-20T20:00:00+08:00") == before
