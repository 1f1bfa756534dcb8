"""Operating the notifier: silences, metrics, the live status."""
import json
import subprocess
from concurrent.futures import ThreadPoolExecutor

from harness import BUILD, instant_ms, wait_for
from test_notify import AFTER, DEADLINE, ended, make_sink, make_town, records, simple, status  # noqa: F401


def silence(stack, *arguments, good=(0,)):
    return stack.run("notify", "silence", *arguments, "--yes", good=good).stdout.decode().strip()


def silences(stack):
    return {row["silence"]: row for row in stack.json("notify", "silence", "--list")}


def controls(stack):
    return records(stack, "control")


# --- silences ---

def test_a_silence_is_recorded_listed_and_lifted(make_town, make_sink):
    stack = make_town({"all": (make_sink(), {})})
    stack.spawn(), stack.spawn("sla")
    stack.produce([simple(1), simple(2, unit="chengguan", item="noise")])
    stack.settled()
    before = stack.dump("2026-12-31T00:00:00+08:00")
    shown = stack.run("notify", "silence", "--unit", "wuye", "--for", "3d", "--reason", "系统检修")
    assert b"1 open cases, 1 notices" in shown.stderr and b"--yes does it" in shown.stderr and not silences(stack)
    unit = silence(stack, "--unit", "wuye", "--for", "3d", "--reason", "系统检修")
    assert unit.startswith("silence-")
    item = silence(stack, "--item", "noise", "--from", "2024-12-01T00:00:00+08:00", "--until", "2024-12-02T00:00:00+08:00", "--reason", "drill")
    now = silences(stack)
    assert (now[unit]["state"], now[unit]["unit"], now[unit]["reason"], now[unit]["notices"], now[unit]["cases"]) == ("in force", "wuye", "系统检修", 1, 1)
    assert 0 <= instant_ms(now[unit]["from"]) - instant_ms(now[unit]["until"]) + 3 * 86400000 < 60000
    assert (now[item]["state"], now[item]["item"], now[item]["unit"]) == ("to come", "noise", None)
    record = next(one for one in controls(stack) if one["id"] == unit)
    assert (record["kind"], record["unit"], record["reason"]) == ("silence", "wuye", "系统检修") and record["by"] and record["at"] and record["recorded"]
    assert b"silence" not in stack.run("sla", "rules").stdout and unit.encode() in stack.run("sla", "rules", "export").stdout
    assert not any("walk" in line or "carried" in line for line in stack.run("sla", "check").stderr.decode().splitlines())
    assert stack.dump("2026-12-31T00:00:00+08:00") == before
    lifted = json.loads(stack.run("notify", "lift", unit, "--yes", "--json").stdout)
    assert lifted["of"] == unit
    assert silences(stack)[unit]["state"] == "lifted" and silences(stack)[unit]["lifted_by"]
    for name, why in ((unit, b"is lifted already"), ("silence-00", b"is no silence")):
        assert why in stack.run("notify", "lift", name, "--yes", good=(1,)).stderr


def test_what_is_no_silence_is_refused(make_town, make_sink):
    stack = make_town({"all": (make_sink(), {})})
    for arguments in (["--unit", "a", "--all", "--for", "1h", "--reason", "x"], ["--for", "1h", "--reason", "x"], ["--unit", "a", "--reason", "x"],
                      ["--unit", "a", "--for", "1h"], ["--unit", "a", "--for", "1h", "--until", AFTER, "--reason", "x"], ["--unit", "", "--for", "1h", "--reason", "x"],
                      ["--all", "--for", "0h", "--reason", "x"], ["--all", "--for", "367d", "--reason", "x"], ["--all", "--for", "9999999999999999999d", "--reason", "x"],
                      ["--all", "--for", "2w", "--reason", "x"], ["--all", "--until", "2001-01-01T00:00:00+08:00", "--reason", "x"],
                      ["--all", "--until", "tomorrow", "--reason", "x"], ["--unit", "a" * 200, "--for", "1h", "--reason", "x"]):
        silence(stack, *arguments, good=(2,))
    assert not any(one["kind"] == "silence" for one in controls(stack))


def test_silences_survive_a_store_that_was_emptied_or_rebuilt(make_town, make_sink):
    stack = make_town({"all": (make_sink(), {})})
    stack.spawn(), stack.spawn("sla")
    stack.produce([simple(1)])
    stack.settled()
    one, two = (silence(stack, "--unit", name, "--for", "3d", "--reason", "x") for name in ("wuye", "chengguan"))
    stack.run("notify", "lift", two, "--yes")
    known = silences(stack)
    stack.kill("sla"), stack.kill()
    stack.redis.client.flushall()
    stack.spawn(), stack.spawn("sla")
    stack.settled()
    assert {name: row["state"] for name, row in silences(stack).items()} == {one: "in force", two: "lifted"}
    assert {name: (row["from"], row["until"], row["by"]) for name, row in silences(stack).items()} == \
        {name: (row["from"], row["until"], row["by"]) for name, row in known.items()}


def test_two_who_decide_at_once_are_both_recorded(make_town, make_sink):
    stack = make_town({"all": (make_sink(), {})})
    stack.spawn(), stack.spawn("sla")
    stack.settled()

    def decide(name):
        def tried():
            done = stack.run("notify", "silence", "--unit", name, "--for", "3d", "--reason", "x", "--yes", good=(0, 1))
            assert done.returncode == 0 or b"somebody else is deciding" in done.stderr
            return done.stdout.decode().strip()
        return wait_for("the decision", tried)
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(decide, ["u%d" % i for i in range(4)]))
    assert len(set(made)) == 4 and set(silences(stack)) == set(made)
    assert sorted(one["id"] for one in controls(stack) if one["kind"] == "silence") == sorted(made)
