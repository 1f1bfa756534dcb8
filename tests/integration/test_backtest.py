"""bihuan-sla backtest: what other rules would have done, with the figures of replay and the notices that a notifier sends."""
import collections
import json
import os
import pty
import re
import signal
import subprocess
import threading
import unicodedata

import pytest

from harness import BUILD, TOP, event, instant_ms, received, wait_for
from test_notify import ended, make_sink, make_town  # noqa: F401

EXAMPLES = TOP / "tests/data/examples/events.jsonl"
POLICIES = {name: TOP / "conf/policy" / (name + ".json") for name in ("meilong-2024", "city-hours", "shanghai-street-2018", "foi-2019")}
IN_FORCE = POLICIES["meilong-2024"]      # conf/bihuan.ini
UNTIL = "2024-09-20T12:00:00+08:00"


def call(verb, *arguments, stdin=b"", good=(0,)):
    done = subprocess.run([BUILD / "bihuan-sla", verb, *map(str, arguments)], cwd=TOP, input=stdin, capture_output=True, timeout=120)
    assert done.returncode in good, done.stderr.decode()
    return done


def backtest(*arguments, **options):
    """The total and the rows of units by name."""
    rows = [json.loads(line) for line in call("backtest", "--json", *arguments, **options).stdout.splitlines()]
    assert [row["row"] for row in rows] == ["total"] + ["unit"] * (len(rows) - 1)
    units = [row["unit"].encode() for row in rows[1:]]
    assert units == sorted(units)
    return rows[0], {row["unit"]: row for row in rows[1:]}


def replayed(path, policy, *options):
    return json.loads(call("replay", "--summary", "--policy", policy, *options, path).stdout)


def without(row, *names):
    return {name: value for name, value in row.items() if name not in names}


def assert_figures(total, units, side, summary):
    assert without(total[side], "notices") == summary["total"]
    for row in summary["units"]:
        assert without(units[row["unit"]][side], "notices") == without(row, "unit")


@pytest.fixture(scope="module")
def town_file(tmp_path_factory, town):
    path = tmp_path_factory.mktemp("backtest") / "town.jsonl"
    path.write_bytes(b"\n".join(town(6000)) + b"\n")
    return path


# --- figures ---

@pytest.mark.parametrize("new", sorted(POLICIES))
@pytest.mark.parametrize("until", [(), ("--until", UNTIL)], ids=["all", "until"])
def test_both_sides_have_the_figures_of_replay(town_file, new, until):
    for path in (town_file, EXAMPLES):
        total, units = backtest("--policy", POLICIES[new], *until, path)
        sides = {"in_force": replayed(path, IN_FORCE, *until), "new": replayed(path, POLICIES[new], *until)}
        for side, summary in sides.items():
            assert total["as_of"] == summary["as_of"]
            assert_figures(total, units, side, summary)
        assert total["rules"]["new"]["policy"] == new and total["rules"]["in_force"]["policy"] == "meilong-2024"
        assert total["differs"] == (new != "meilong-2024")
        assert total["new"]["notices"]["notices"] == sum(row["new"]["notices"]["notices"] for row in units.values())
        assert total["in_force"]["notices"]["notices"] > 0


def test_rules_against_themselves_show_no_difference(town_file):
    total, units = backtest("--policy", IN_FORCE, town_file)
    assert units and not total["differs"] and not any(row["differs"] for row in units.values())
    assert total["in_force"] == total["new"] and total["breaches"] == {"appear": 0, "vanish": 0, "moved": 0}
    text = call("backtest", "--policy", IN_FORCE, town_file).stdout.decode()
    assert "no difference 无差别" in text and " → " not in text


def test_against_names_other_rules_than_those_in_force(town_file):
    ours = backtest("--policy", POLICIES["city-hours"], "--against", POLICIES["foi-2019"], town_file)
    theirs = backtest("--policy", POLICIES["foi-2019"], "--against", POLICIES["city-hours"], town_file)
    assert ours[0]["in_force"] == theirs[0]["new"] and ours[0]["new"] == theirs[0]["in_force"]
    assert ours[0]["breaches"]["appear"] == theirs[0]["breaches"]["vanish"] > 0
    assert ours[0]["deadlines"]["earlier"] == theirs[0]["deadlines"]["later"] > 0


def test_another_calendar_moves_deadlines(tmp_path):
    """A holiday more within the five days: the answer is in time. Its notices move a day as well."""
    calendar = json.loads((TOP / "conf/calendar/cn.json").read_text())
    [year] = [year for year in calendar["years"] if year["year"] == 2024]
    year["holidays"] = sorted(year["holidays"] + ["11-06"])
    path = tmp_path / "calendar.json"
    path.write_text(json.dumps(calendar, ensure_ascii=False))
    lines = [received("A", "2024-11-04T10:00:00+08:00"), event("A", "ticket.answered", "2024-11-12T09:00:00+08:00")]
    total, units = backtest("--calendar", path, "-", stdin=b"\n".join(lines))
    assert total["rules"]["new"]["calendar_file"] == str(path) and total["rules"]["new"]["policy"] == "meilong-2024"
    assert units["wuye"]["breaches"] == {"appear": 0, "vanish": 1} and units["wuye"]["deadlines"] == {"earlier": 0, "later": 1}
    assert [total[side]["missed"] for side in ("in_force", "new")] == [1, 0]
    assert total["in_force"]["notices"]["steps"] == {"overdue": 1, "remind-1d": 1, "remind-2d": 1, "remind-4h": 1}
    assert total["new"]["notices"] == {"notices": 2, "days": 2, "a_day": 1.0, "busiest": {"day": "2024-11-08", "notices": 1},
                                       "steps": {"remind-1d": 1, "remind-2d": 1}}
    back, _ = backtest("--policy", IN_FORCE, "--against-calendar", path, "--calendar", TOP / "conf/calendar/cn.json", "-", stdin=b"\n".join(lines))
    assert back["in_force"] == total["new"] and back["breaches"]["appear"] == 1


# --- for people ---

def columns(text):
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def test_the_table_shows_the_total_first_and_lines_up(town_file):
    for path in (town_file, EXAMPLES):
        text = call("backtest", "--policy", POLICIES["shanghai-street-2018"], path).stdout.decode()
        total, units = backtest("--policy", POLICIES["shanghai-street-2018"], path)
        lines = text.splitlines()
        [head] = [i for i, line in enumerate(lines) if line.startswith("unit ")]
        table = lines[head:head + 2] + lines[head + 3:]
        assert len(table) == 2 + len(units) and len({columns(line) for line in table}) == 1
        assert not any(line != line.rstrip() for line in lines)
        [missed] = [line.split() for line in lines[:head] if line.startswith("missed 超期")]
        assert missed[2:4] == [str(total[side]["missed"]) for side in ("in_force", "new")]
        for line, (name, row) in zip(lines[head + 3:], units.items()):
            notices = [row[side]["notices"]["notices"] for side in ("in_force", "new")]
            assert line.startswith(name or "(none 未派)")
            assert ("%d → %d (%+d)" % (*notices, notices[1] - notices[0]) if notices[0] != notices[1] else str(notices[0])) in line


# --- as a command ---

@pytest.mark.parametrize("arguments", [
    [], ["-"], ["--policy", IN_FORCE], ["--policy", "/nowhere.json", "-"], ["--calendar", "/nowhere.json", "-"], ["--policy"], ["--eat", "-"],
    ["--against", IN_FORCE, "-"], ["--policy", IN_FORCE, "--against", "Makefile", "-"], ["--policy", IN_FORCE, "--until", "soon", "-"],
    ["--policy", IN_FORCE, "--against-calendar", IN_FORCE, "-"], ["--policy", IN_FORCE, "--config", "/nowhere.ini", "-"],
], ids=lambda value: " ".join(map(str, value)) or "nothing")
def test_wrong_usage_ends_with_2_and_says_why(arguments):
    done = call("backtest", *arguments, good=(2,))
    assert done.stdout == b"" and done.stderr.strip()


def test_bad_lines_are_named_and_the_rest_is_tried(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(received("A") + b"\nbad\n" + received("A") + b"\n")
    done = call("backtest", "--policy", IN_FORCE, "--json", path, good=(1,))
    assert done.stderr.startswith(b"%s:2: " % bytes(path))
    assert json.loads(done.stdout.splitlines()[0])["cases"] == 1
    assert call("backtest", "--policy", IN_FORCE, "/nowhere.jsonl", good=(1,)).stderr.startswith(b"/nowhere.jsonl: ")


def test_nothing_to_try_is_no_failure():
    for options in ([], ["--json"]):
        done = call("backtest", "--policy", POLICIES["foi-2019"], *options, "-")
        assert done.stdout and not done.stderr


def test_output_into_a_full_disk_is_no_success():
    for options in ("", "--json"):
        done = subprocess.run("%s backtest --policy %s %s %s > /dev/full" % (BUILD / "bihuan-sla", IN_FORCE, options, EXAMPLES), shell=True, cwd=TOP, capture_output=True)
        assert done.returncode == 1


def test_a_long_one_shows_its_progress_and_can_be_stopped(town):
    """On a terminal; fed until it has said how far it is."""
    lines = b"\n".join(town(4000)) + b"\n"
    ours, theirs = pty.openpty()
    process = subprocess.Popen([BUILD / "bihuan-sla", "backtest", "--policy", IN_FORCE, "-"], cwd=TOP, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)

    def feed():
        try:
            while True:
                process.stdin.write(lines)
        except (BrokenPipeError, ValueError):
            pass
    feeder = threading.Thread(target=feed)
    feeder.start()
    try:
        said = b""
        while not re.search(rb"\d+ events read", said):
            said += os.read(ours, 1000)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == -signal.SIGINT
        assert process.stdout.read() == b""
    finally:
        process.kill()
        feeder.join()
        os.close(ours)


# --- live ---

RECEIVED, LAST = "2024-10-11T09:00:00+08:00", "2024-10-20T12:00:00+08:00"        # five working days end on Thursday the 17th
STORY = [event("B", "ticket.answered", "2024-10-16T16:00:00+08:00", {"outcome": "solved"}),
         event("D", "ticket.suspended", "2024-10-16T20:00:00+08:00"),
         event("C", "ticket.transferred", "2024-10-17T02:00:00+08:00", {"unit": "gongan"}),
         event("D", "ticket.resumed", "2024-10-17T20:00:00+08:00")]


def at_of(line):
    return instant_ms(json.loads(line)["time"])


def test_a_notifier_sends_what_the_rehearsal_says(make_town, make_sink):  # noqa: F811
    """The first reminders under a clock that hardly moves; then four days within half a minute, events at their times."""
    sink = make_sink()
    stack = make_town({"all": (sink, {})}, start="2024-10-15T10:00:00+08:00")
    daemons = lambda: [stack.spawn(name) for name in ("ingest", "sla", "notify")]
    stack.produce([received(case, RECEIVED, unit="物业" if case == "C" else "wuye") for case in "ABCD"]
                  + [event("R", "rating.submitted", RECEIVED, {"satisfaction": 1, "unit": "renshe"})])
    daemons()
    wait_for("the first reminders", lambda: len(sink.taken()) == 5 and ended(stack))
    for name in list(stack.processes):
        stack.stop(name)
    stack.redis.client.delete("bihuan:clock")
    stack.sections["clock"].update(start="2024-10-15T22:00:00+08:00", speed=12000)
    stack.config = stack.configure("bihuan.ini")
    daemons()
    for line in STORY:
        wait_for("its time", lambda: stack.business_ms() >= at_of(line))
        stack.produce([line])
    wait_for("the end", lambda: stack.business_ms() >= instant_ms(LAST))
    for name in list(stack.processes):
        stack.stop(name)
    sent = collections.Counter((notice["data"]["unit"], re.sub(r"-d\d+$", "", notice["data"]["step"])) for notice in sink.notices())
    [total, *rows] = stack.json("sla", "backtest", "--policy", IN_FORCE, "--until", LAST, stack.history_file())
    rehearsed = {(row["unit"], step): count for row in rows for step, count in row["new"]["notices"]["steps"].items()}
    assert sent == rehearsed
    assert total["new"]["notices"]["notices"] == sum(sent.values()) == 22 and not total["differs"]
