"""bihuan-sla foresight: of the store as of files, by what was known, and what it answers to wrong questions."""
import json
import subprocess

import pytest

from harness import BUILD, TOP, instant_ms, received

DAYS, START = 150, "2024-06-03T08:00:00+08:00"
UNTIL = "2024-10-18T10:00:00+08:00"


@pytest.fixture(scope="session")
def months(session_dir):
    """Five months of a small town, a line an event."""
    path = session_dir / "foresight-town.jsonl"
    if not path.exists():
        with open(path, "wb") as out:
            subprocess.run([BUILD / "support/town", "--days", str(DAYS), "--start", START, "--tickets-per-day", "15"], check=True, stdout=out,
                           stderr=subprocess.DEVNULL)
    return path


def call(*arguments, good=0):
    done = subprocess.run([BUILD / "bihuan-sla", "foresight", *map(str, arguments)], cwd=TOP, stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
    assert done.returncode == good, done.stderr.decode()[-2000:]
    return done


def answer(*arguments):
    """head, units by name, total, cases"""
    return parsed(call("--json", *arguments).stdout)


def parsed(text):
    lines = [json.loads(line) for line in text.splitlines()]
    of = lambda kind: [line for line in lines if line["line"] == kind]
    assert lines[0]["line"] == "foresight"
    return lines[0], {line["unit"]: line for line in of("unit")}, of("total")[0], of("case")


def test_the_store_foresees_what_files_do_and_is_left_as_it_is(make_stack, months):
    stack = make_stack()
    stack.spawn()
    stack.feed(months)
    stack.settled()
    stack.stop()
    changes = lambda: stack.redis.client.info("persistence")["rdb_changes_since_last_save"]
    before = changes()
    for options in (["--until", UNTIL], ["--until", UNTIL, "--unit", "chengguan", "--threshold", "0.3", "--limit", "500"], ["--until", UNTIL, "--score", "--hold-back", "1"],
                    ["--until", "2024-08-08T23:00:00+08:00"]):
        live = stack.run("sla", "foresight", "--json", *options).stdout
        assert live == call("--json", "--config", stack.config, *options, months).stdout, options
    assert stack.run("sla", "foresight").stdout             # now
    assert changes() == before
    head, units, total, _ = parsed(stack.run("sla", "foresight", "--json", "--until", UNTIL).stdout)
    figures = stack.json("report", "summary", "--as-of", UNTIL)[0]
    ratings = figures["total"]["bad_reviews"] - figures["total"]["rectified"]      # open ones, as all have a limit
    assert sum(total["due"]) + total["overdue"] + total["later"] + total["suspended"] == figures["total"]["open"] + ratings
    for unit in figures["units"]:
        ours = units.get(unit["unit"], dict(due=[], overdue=0, later=0, suspended=0))
        assert sum(ours["due"]) + ours["overdue"] + ours["later"] + ours["suspended"] >= unit["open"]


def test_events_after_the_instant_are_not_known(months, folder):
    cut = folder / "cut.jsonl"
    end = instant_ms(UNTIL)
    cut.write_bytes(b"".join(line for line in months.open("rb") if instant_ms(json.loads(line)["time"]) <= end))
    assert cut.stat().st_size < months.stat().st_size
    for options in ([], ["--score", "--hold-back", "2"]):
        assert call("--json", "--until", UNTIL, *options, cut).stdout == call("--json", "--until", UNTIL, *options, months).stdout


def test_deadlines_by_unit_and_day(months):
    head, units, total, cases = answer("--until", UNTIL, "--limit", "10000", "--threshold", "0.000001", months)
    assert head["as_of"] == UNTIL and head["days"][:3] == ["2024-10-18", "2024-10-21", "2024-10-22"] and len(head["days"]) == 15
    for name in ("overdue", "later", "suspended"):
        assert total[name] == sum(unit[name] for unit in units.values())
    listed = [0] * 15
    for case in cases:
        last_day = case["deadline"][:10]                    # the midnight after it
        listed[sum(day < last_day for day in head["days"]) - 1] += 1
    assert listed == total["due"] and head["foretold"] == len(cases) == sum(total["due"]) + total["later"]
    assert [case["probability"] for case in cases] == sorted((case["probability"] for case in cases), reverse=True)
    assert all(0 <= case["probability"] <= 1 and case["left"] >= 0 and case["words"]["en"] and case["words"]["zh"] for case in cases)


def test_what_it_says_of_late_and_punctual_units_is_so(months):
    """The town's chengguan is late, its shequ is not."""
    _, _, _, cases = answer("--until", UNTIL, "--limit", "10000", "--threshold", "0.000001", months)
    at_first = lambda unit: [case["probability"] for case in cases if case["unit"] == unit and case["class"] == "general" and case["gone"] < 1 and case["examples"] >= 20]
    late, punctual = at_first("chengguan"), at_first("shequ")
    assert late and punctual and min(late) > max(punctual)


def test_the_score_holds_back_what_came_later(months):
    score = json.loads(call("--json", "--score", "--hold-back", "1", "--until", "2024-10-31T00:00:00+08:00", months).stdout)
    assert score["judged"] and score["from"] == "2024-09-30T00:00:00+08:00" and 50 < score["late"] < score["cases"]
    model, plain = score["model"], score["half_gone"]
    assert model["late"] <= model["warned"] <= score["cases"]
    assert score["model_at_equal_recall"]["late"] >= plain["late"]
    assert score["order_at_half"] > 0.6 and score["brier"] < score["brier_of_share"]
    assert sum(tenth["looks"] for tenth in score["tenths"]) == score["looks"]
    table = call("--score", "--hold-back", "1", "--until", "2024-10-31T00:00:00+08:00", months).stdout.decode()
    assert "half of the limit is gone 期限过半" in table and "Brier" in table


def test_for_people(months):
    text = call("--until", UNTIL, "--limit", "3", months).stdout.decode()
    assert "total 合计" in text and "已超期" in text and "like it that were still open then came too late" in text and "此时仍未办结的同类工单" in text
    assert text.count("answered so far") == 3 and "Tested on 2024-07-18 to 2024-10-18" in text and "检验期" in text


def test_too_little_is_said(folder):
    file = folder / "few.jsonl"
    file.write_bytes(b"\n".join([received("A"), received("B", "2024-10-16T09:00:00+08:00")]) + b"\n")
    head, units, total, cases = answer(file)
    assert not head["score"]["judged"] and head["unknown"] == 2 and cases == [] and sum(total["due"]) == 2
    text = call(file).stdout.decode()
    assert "Too little to say" in text and "nothing is said of them" in text
    file.write_bytes(b"")
    assert b"no events" in call(file, good=1).stderr
    file.write_bytes(received("A") + b"\nnonsense\n")
    assert b"few.jsonl:2" in call(file, good=1).stderr


@pytest.mark.parametrize("arguments", [
    ["--until", "yesterday"], ["--until", "1999-12-31T00:00:00+08:00"], ["--threshold", "0"], ["--threshold", "1.1"], ["--threshold", "x"], ["--threshold", "nan"], ["--limit", "-1"],
    ["--limit", "many"], ["--hold-back", "0"], ["--hold-back", "25"], ["--policy", "conf/policy/meilong-2024.json"], ["--score", "--unit", "wuye"],
    ["--score", "--limit", "3"], ["--eat"], ["--policy", "/nowhere.json", "-"], ["--config", "/nowhere.ini", "-"],
], ids=" ".join)
def test_wrong_questions(arguments):
    done = call(*arguments, good=2)
    assert done.stdout == b"" and done.stderr.strip()


def test_an_empty_store_has_nothing_ahead(make_stack):
    head, units, total, cases = parsed(make_stack().run("sla", "foresight", "--json").stdout)
    assert not units and not cases and sum(total["due"]) == 0 and not head["score"]["judged"]


def test_cases_keep_the_limits_they_were_received_under(make_stack, folder):
    """A longer limit from the sixth on: a case received before is due after five working days, one after that after eight."""
    stack = make_stack(start="2024-11-06T10:00:00+08:00")
    stack.spawn()
    policy = json.loads((TOP / "conf/policy/meilong-2024.json").read_text())
    policy["policy"], policy["effective_from"] = "longer", "2024-11-06T10:03:00+08:00"
    next(c for c in policy["classes"] if c["class"] == "general")["clocks"][0]["limit_workdays"] = 8
    (folder / "longer.json").write_text(json.dumps(policy))
    stack.run("sla", "rules", "activate", "--policy", folder / "longer.json", "--yes")
    stack.produce([received("OLD", "2024-10-31T09:00:00+08:00"), received("NEW", "2024-11-06T10:05:00+08:00")])
    stack.settled()
    head, units, total, _ = parsed(stack.run("sla", "foresight", "--json", "--until", "2024-11-06T10:06:00+08:00").stdout)
    due = {day: count for day, count in zip(head["days"], total["due"]) if count}
    assert due == {"2024-11-07": 1, "2024-11-18": 1} and head["policy"] == "longer"
