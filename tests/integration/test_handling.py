"""docs/POLICY.md live: a town whose policy asks for all of it. What Redis holds is what replay folds, each clock tells its
unit, certificates hold, and a case stays small."""
import json
import random
import signal
import sys
import time

import pytest

from conftest import BROKER_TOPICS
from harness import BUILD, READY_S, SOAK, Kafka, Process, Stack, event, first_difference, instant_ms, wait_for
from test_notify import SECRET, Sink, close, ended
from test_report import replayed, summary

START, SPEED = "2024-10-22T23:57:00+08:00", 20          # a Tuesday; midnight comes 9 s later
MIDNIGHT = "2024-10-23T00:00:00+08:00"
INSTANTS = ["2024-10-17T10:00:00+08:00", "2024-10-21T09:59:59.999+08:00", "2024-10-22T12:00:00.001+08:00", START, MIDNIGHT,
            "2024-10-23T00:01:00.001+08:00", "2024-11-20T00:00:00+08:00"]
BYTES_A_CASE = 600
CASES = 100000 if SOAK else 20000
GENERATED = 2000 if SOAK else 150
SECRET_REASON = "王小明不在家,电话13800138000无人接听"


# --- the policy ---

def case_clock(name, limit, amount, **more):
    return dict({"clock": name, limit: amount, "starts": "each-round", "stopped_by": ["ticket.answered", "ticket.closed"],
                 "cancelled_by": ["ticket.voided", "ticket.merged"], "suspends": True, "extends": True, "ladder": "days"}, **more)


def event_clock(name, limit, amount, starts, stops, **more):
    return case_clock(name, limit, amount, **dict({"starts": starts, "stopped_by": stops, "extends": False, "ladder": "hours",
                                                   "cancelled_by": ["ticket.answered", "ticket.voided", "ticket.merged"]}, **more))


def kind_clock(kind, limit, amount, **more):
    return dict({"clock": kind, "kind": kind, limit: amount, "suspends": kind != "approval", "extends": kind != "approval", "ladder": "steps"}, **more)


def rating_clock(name, limit, amount, stops, **more):
    return dict({"clock": name, limit: amount, "starts": "receipt", "stopped_by": stops, "cancelled_by": ["rating.appeal_upheld"],
                 "suspends": False, "extends": False, "ladder": "steps"}, **more)


def step(name, to=("handler",), **when):
    return dict({"step": name, "to": list(to)}, **when)


NUDGES = [step("urged", on="ticket.urged"), step("supervised", ("handler", "leader"), on="ticket.supervised")]
STEPS = [step("remind-1d", workdays_before=1), step("overdue", overdue=True), step("escalate", ("handler", "leader"), workdays_after=[1, 3])]
POLICY = {
    "policy": "handling", "title": "an example for tests", "source": None, "effective_from": "2024-01-01T00:00:00+08:00",
    "counting": {"rest_day_receipt": "as-received", "outside_hours": "next-opening", "day_end": "17:30", "opening": "09:00", "closing": "17:30",
                 "hours": [["09:00", "11:30"], ["13:30", "17:30"]]},
    "calendars": {"duty": {"counts": ["workday", "makeup_workday", "weekend", "holiday"]}},
    "extension": {"max_workdays_a_round": 10},
    "suspension": {"max_workdays": 5, "reasons": [{"reason": "absent", "max_workdays": 2}, {"reason": "correction", "then": "restarts"}]},
    "due": "earlier",
    "merged": {"tell_duplicates": True},
    "ladders": {"days": STEPS + NUDGES, "steps": STEPS,
                "hours": [step("remind-30m", minutes_before=30), step("overdue", ("handler", "supervision"), overdue=True)] + NUDGES},
    "classes": [
        {"class": "request", "of": "ticket", "returns": {"max_a_round": 1, "within_workdays": 1}, "clocks": [
            case_clock("answer", "limit_workdays", 5),
            event_clock("dispatch", "limit_work_hours", 2, ["ticket.received", "ticket.returned"], ["ticket.dispatched"], owed_by="dispatcher"),
            kind_clock("share", "limit_workdays", 3), kind_clock("approval", "limit_workdays", 1), kind_clock("member", "limit_workdays", 3),
            event_clock("call-back", "limit_workdays", 1, ["ticket.closed"], ["ticket.called_back"], suspends=False, owed_by="hotline")]},
        {"class": "supervised", "of": "ticket", "clocks": [
            case_clock("answer", "limit_work_hours", 8, ladder="hours"), kind_clock("share", "limit_work_hours", 6)]},
        {"class": "night", "of": "ticket", "clocks": [
            case_clock("answer", "limit_hours", 2, ladder="hours", counting={"outside_hours": "as-received", "calendar": "duty"})]},
        {"class": "review", "of": "ticket", "clocks": [case_clock("answer", "limit_workdays", 3), kind_clock("member", "limit_days", 2)]},
        {"class": "bad_review", "of": "rating", "clocks": [
            rating_clock("rectify", "limit_workdays", 5, ["rating.rectified"]),
            rating_clock("reply", "limit_days", 0, ["rating.replied"], counting={"outside_hours": "as-received", "day_end": "24:00"})]},
        {"class": "rating", "of": "rating", "clocks": []}],
    "effects": [
        {"on": "ticket.supervised", "in": ["request"], "class": "supervised", "from": "event", "deadline": "earlier"},
        {"on": "ticket.called_back", "satisfaction": [1, 2], "rework": True, "class": "review"},
        {"on": "ticket.called_back", "solved": False, "rework": True}],
    "rules": [{"of": "ticket", "channel": ["night"], "class": "night"}, {"of": "ticket", "class": "request"},
              {"of": "rating", "satisfaction": [1, 2], "default": False, "class": "bad_review"}, {"of": "rating", "class": "rating"}],
}


# --- lives, one for each thing to be seen ---

def at(when):
    """`17 09:30` of October 2024."""
    day, clock = when.split()
    return "2024-10-%sT%s+08:00" % (day, clock if clock.count(":") == 2 else clock + ":00")


def life(case, unit, received, dispatched, *steps, co_units=None, **data):
    """A ticket that is received by nobody and dispatched to a unit, then (type, when, data)…"""
    dispatch = {"unit": unit, **({"co_units": co_units} if co_units else {})}
    return [event(case, "ticket.received", at(received), dict({"kind": "complaint"}, **data)), event(case, "ticket.dispatched", at(dispatched), dispatch),
            *(event(case, "ticket." + kind, at(when), dict(*more)) for kind, when, *more in steps)]


LIVES = [
    *life("SHARE", "a", "17 09:00", "17 10:00"),
    event("DISPATCH", "ticket.received", at("22 15:00"), {"kind": "help"}),
    *life("APPROVAL", "b", "18 09:00", "18 09:30", ("extension_requested", "18 10:00", {"days": 3})),
    *life("MEMBER", "c", "17 09:00", "17 09:30", ("answered", "21 10:00", {"unit": "m1", "outcome": "explained"}), co_units=["m1", "m2", "c"]),
    *life("SUPERVISED", "d", "21 10:00", "21 10:10", ("supervised", "22 14:00")),
    *life("REWORK", "e", "16 09:00", "16 09:10", ("answered", "16 15:00", {"unit": "e", "outcome": "explained"}),
          ("called_back", "17 10:00", {"reached": True, "satisfaction": 1})),
    *life("DUE", "f", "21 09:00", "21 09:10", due=at("22 12:00")),
    *life("DUE-LATER", "f", "21 09:00", "21 09:10", due=at("30 12:00")),
    *life("MAIN", "g", "21 09:00", "21 09:10", ("answered", "22 10:00", {"unit": "g", "outcome": "solved"})),
    *life("DUPLICATE", "g", "21 10:00", "21 10:10", ("merged", "21 11:00", {"into": "MAIN"})),
    *life("TOO-OFTEN", "g", "21 09:00", "21 09:30", ("returned", "21 10:00"), ("dispatched", "21 10:30", {"unit": "h"}), ("returned", "21 11:00")),
    *life("TOO-LATE", "h", "17 09:00", "17 09:30", ("returned", "21 09:00")),
    event("NIGHT", "ticket.received", at("21 08:00"), {"kind": "help", "channel": "night", "unit": "n"}),
    event("NIGHT", "ticket.suspended", at("21 09:59"), {"reason": "absent"}),
    *life("RESTARTS", "k", "17 09:00", "17 09:30", ("suspended", "17 10:00", {"reason": "correction"}), ("resumed", "21 10:00")),
    *life("REASON", "k", "22 09:00", "22 09:10", ("suspended", "22 10:00", {"reason": SECRET_REASON}), ("suspended", "22 11:00")),
    *life("CALL-BACK", "p", "18 09:00", "18 09:10", ("closed", "18 15:00")),
    *life("WAITS", "p", "22 09:00", "22 09:10", ("answered", "23 00:00:30", {"outcome": "solved"})),
    *life("URGED", "q", "22 09:00", "22 09:30"),
    event("RATING", "rating.submitted", at("21 22:00"), {"satisfaction": 1, "unit": "a"}),
]
CASE_NAMES = sorted({json.loads(line)["subject"] for line in LIVES})

# What is owed at START: case, clock, its round → unit, step, deadline, who owes the next step.
OWED = {
    ("SHARE", "share", 1): ("a", "overdue", "22 17:30", "handler"),
    ("DISPATCH", "dispatch", 1): (None, "overdue", "22 17:00", "dispatcher"),
    ("APPROVAL", "approval", 1): ("b", "escalate-d1", "21 17:30", "approver"),
    ("APPROVAL", "share", 1): ("b", "remind-1d", "23 17:30", "handler"),
    ("MEMBER", "member", 2): ("m2", "overdue", "22 17:30", "handler"),
    ("MEMBER", "share", 1): ("c", "overdue", "22 17:30", "handler"),
    ("SUPERVISED", "answer", 1): ("d", "supervised-1", "23 15:30", "handler"),
    ("SUPERVISED", "share", 1): ("d", "remind-1d", "23 11:30", "handler"),
    ("REWORK", "answer", 2): ("e", "overdue", "22 17:30", "handler"),
    ("DUE", "answer", 1): ("f", "overdue", "22 12:00", "handler"),
    ("TOO-LATE", "share", 1): ("h", "overdue", "22 17:30", "handler"),
    ("CALL-BACK", "call-back", 1): ("p", "overdue", "21 17:30", "hotline"),
    ("RATING", "reply", 1): ("a", "escalate-d1", "22 00:00", "handler"),
}


# --- the town ---

class Broker:
    """An embedded broker of our own."""

    def __init__(self, folder, partitions):
        self.process = Process([BUILD / "support/broker", "--partitions", partitions, "--ready", folder / "broker.ready"], folder / "broker.log")
        wait_for("the embedded broker", (folder / "broker.ready").exists, READY_S)
        self.kafka = Kafka((folder / "broker.ready").read_text().strip().split("=", 1)[1])


def make_folder(tmp_path_factory, policy=POLICY):
    folder = tmp_path_factory.mktemp("h")
    (folder / "policy.json").write_text(json.dumps(policy, ensure_ascii=False))
    for name in ("secret", "citizen.key"):
        (folder / name).write_text(SECRET + "\n")
        (folder / name).chmod(0o600)
    return folder


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """All daemons, the lives sent, and what is owed of them told."""
    folder = make_folder(tmp_path_factory)
    broker, sink = Broker(folder, 2), Sink(folder)
    sections = {"sla": {"policy": folder / "policy.json"}, "endpoint all": {"url": sink.url, "secret_file": folder / "secret", "units": "*"}}
    try:
        with Stack(folder / "s", broker.kafka, topics=BROKER_TOPICS, start=START, speed=SPEED, sections=sections) as stack:
            stack.sink, stack.policy_file = sink, folder / "policy.json"
            stack.produce(LIVES)
            stack.spawn(), stack.spawn("sla"), stack.spawn("notify")
            stack.settled()
            assert stack.business_ms() < instant_ms(MIDNIGHT), "too slow to see a timer fire"
            yield stack
    finally:
        sink.process.end()
        broker.process.end()


def told(town):
    """Notices that the sink took: by case, clock and round, those of its steps in order."""
    found = {}
    for notice in town.sink.notices():
        data = notice["data"]
        found.setdefault((data["case"], data["clock"], data["round"]), []).append(data)
    return found


def results(town, kind, case=None):
    found = [json.loads(message.value()) for message in town.kafka.read(town.topics["results"])]
    return [record["data"] for record in found if record["type"] == kind and case in (None, record["data"]["case"])]


def shown(town, case, *options):
    return town.json("sla", "case", case, *options)[0]


def clock_of(case, name, round=None, part="clocks"):
    found = [clock for clock in case[part] if clock["name"] == name and round in (None, clock["round"])]
    assert len(found) == 1, (name, round, case[part])
    return found[0]


def effects(case):
    return [(step["type"] and step["type"].partition(".")[2], step["effect"]) for step in case["history"]]


def test_each_clock_tells_the_unit_that_owes_the_next_step(town):
    wait_for(lambda: "%s\n%s" % (set(OWED) - set(told(town)), town.tails()), lambda: set(OWED) <= set(told(town)))
    for key, (unit, name, deadline, owed_by) in OWED.items():
        notice = told(town)[key][0]
        assert (notice["unit"], notice["step"], notice["deadline"], notice["owed_by"]) == (unit, name, at(deadline), owed_by), key
    before_midnight = {key for key, notices in told(town).items() if notices[0]["deadline"] != "2024-10-23T00:01:00+08:00"}
    assert before_midnight == set(OWED)
    wanted = {key: (unit, at(deadline)) for key, (unit, name, deadline, _) in OWED.items() if name in ("overdue", "escalate-d1")}
    published = lambda: {(data["case"], data["clock"], data["round"]): (data["unit"], data["deadline"]) for data in results(town, "clock.overdue")}
    wait_for("the same for the platform", lambda: len(published()) >= len(wanted))
    assert {key: value for key, value in published().items() if key[0] != "NIGHT"} == wanted


def test_an_urge_is_answered_by_a_reminder_at_once(town):
    town.produce([event("URGED", "ticket.urged", at("22 18:00"), {"by": "citizen"})])
    began = time.monotonic()
    wait_for("the reminder", lambda: ("URGED", "answer", 1) in told(town))
    assert time.monotonic() - began < 10
    (notice,) = told(town)["URGED", "answer", 1]
    assert (notice["unit"], notice["step"], notice["to"], notice["class"]) == ("q", "urged-1", ["handler"], "request")
    assert notice["deadline"] == at("29 17:30") and notice["time_left_ms"] > 0


def test_clocks_stand_as_the_policy_says(town):
    share = shown(town, "SHARE")
    assert [(one["unit"], one["from"], one.get("clock", {}).get("outcome")) for one in share["shares"]] == [
        (None, at("17 09:00"), None), ("a", at("17 10:00"), "overdue")]
    members = {one["unit"]: one["outcome"] for one in shown(town, "MEMBER")["members"]}
    assert members == {"m1": "met", "m2": "overdue"}
    supervised = shown(town, "SUPERVISED")
    assert supervised["class"] == "supervised" and clock_of(supervised, "answer")["deadline"] == at("23 15:30")
    rework = shown(town, "REWORK")
    assert (rework["class"], rework["state"], rework["satisfaction"]) == ("review", "dispatched", 1) and effects(rework)[-1] == ("called_back", "rework")
    assert [clock_of(rework, "answer", round)["outcome"] for round in (1, 2)] == ["met", "overdue"]
    (back,) = wait_for("the call-back", lambda: results(town, "case.called_back", "REWORK"))
    assert (back["satisfaction"], back["unit"]) == (1, "e")
    restarts = shown(town, "RESTARTS")
    assert clock_of(restarts, "answer")["deadline"] == at("28 17:30") and restarts["shares"][1]["clock"]["deadline"] == at("24 17:30")
    often, late = shown(town, "TOO-OFTEN"), shown(town, "TOO-LATE")
    assert effects(often)[2:] == [("returned", "done"), ("dispatched", "done"), ("returned", "too-often")] and often["unit"] == "h"
    assert effects(late)[2:] == [("returned", "too-late")] and late["unit"] == "h"
    assert clock_of(often, "dispatch", 2)["outcome"] == "met"
    assert [effect for _, effect in effects(shown(town, "REASON"))[2:]] == ["reason", "reason"]
    assert clock_of(shown(town, "CALL-BACK"), "call-back")["outcome"] == "overdue"


def test_an_answer_names_the_cases_merged_into_it(town):
    wait_for("the answer", lambda: results(town, "case.answered", "MAIN"))
    assert results(town, "case.answered", "MAIN")[-1]["duplicates"] == ["DUPLICATE"]


def test_the_platforms_own_deadline_counts_where_it_is_earlier(town):
    due, later = shown(town, "DUE"), shown(town, "DUE-LATER")
    assert clock_of(due, "answer")["deadline"] == due["due"]["theirs"] == at("22 12:00") and due["due"]["ours"] == at("28 17:30")
    assert clock_of(later, "answer")["deadline"] == later["due"]["ours"] == at("28 17:30") and later["due"]["theirs"] == at("30 12:00")
    differs = {row["case"]: row for row in town.json("sla", "cases", "--differs")}
    assert set(differs) == {"DUE", "DUE-LATER"}
    assert not town.json("sla", "cases", "--differs", "--as-of", at("21 08:59"))
    table = town.run("sla", "cases", "--differs").stdout.decode()
    assert "DUE-LATER" in table and "SHARE" not in table


def found_in_redis(town, text):
    """Is it in what Redis holds, or in what it wrote to its file?"""
    client, wanted = town.redis.client, text.encode()
    read = {b"hash": client.hgetall, b"zset": lambda key: client.zrange(key, 0, -1), b"set": client.smembers, b"string": lambda key: [client.get(key) or b""]}
    for key in client.keys("*"):
        held = read.get(client.type(key), lambda _: [])(key)        # some keys expire
        if any(wanted in part for part in held) or (isinstance(held, dict) and any(wanted in part for part in held.values())):
            return True
    return any(wanted in path.read_bytes() for path in town.redis.dir.rglob("*.aof"))


def test_a_reason_is_kept_only_as_a_code_that_the_policy_lists(town):
    assert found_in_redis(town, "absent") and found_in_redis(town, "correction")
    for part in (SECRET_REASON, "王小明", "13800138000", "接听"):
        assert not found_in_redis(town, part)
    for name in ("results", "ledger"):
        assert all("13800138000".encode() not in message.value() for message in town.kafka.read(town.topics[name]))
    assert all("接听" not in process.text() for process in town.processes.values())


# --- what a case costs (midnight comes meanwhile) ---

def open_case(number):
    """As a case is on most days of its life."""
    name, unit = "ML20241022%06d" % number, ["wuye", "shequ", "chengguan", "gongan", "lvhua"][number % 5]
    steps = (("ticket.received", "09:00", {"channel": "phone", "kind": "complaint", "simple": False, "urgency": "normal", "item": "property", "area": "310112",
                                            "title": "小区电梯故障三天无人维修", "text": "…",
                                            "citizen": {"name": "王小明", "phone": "138%08d" % number, "id_no": "310112199001011234"}}),
             ("ticket.dispatched", "10:05", {"unit": unit, "co_units": ["fangguan", "jiedao"], "due": "2024-10-29T17:30:00+08:00"}),
             ("ticket.signed", "10:20", {"unit": unit}), ("ticket.contacted", "10:40", {"unit": unit, "reached": True}))
    return [event(name, kind, at("22 %s:%02d" % (clock, number % 60)), data, id="%s-%d" % (name, i)) for i, (kind, clock, data) in enumerate(steps)]


def test_an_open_case_costs_little_memory(tmp_path_factory):
    folder = make_folder(tmp_path_factory)
    broker = Broker(folder, 64 if SOAK else 16)      # it keeps 5 MB of a partition
    sections = {"sla": {"policy": folder / "policy.json"}, "privacy": {"key_file": folder / "citizen.key", "key_id": "k1"}}
    try:
        with Stack(folder / "s", broker.kafka, topics=BROKER_TOPICS, start=at("22 10:50"), sections=sections) as stack:
            used = lambda: stack.redis.client.info("memory")["used_memory"]
            stack.spawn()
            stack.produce(open_case(CASES))
            stack.settled()
            before = used()
            stack.produce(line for number in range(CASES) for line in open_case(number))
            wait_for("all applied", lambda: stack.records() == 4 * (CASES + 1))
            bytes_a_case = (used() - before) / CASES
            print("%d open cases: %.0f bytes of Redis each" % (CASES, bytes_a_case), file=sys.stderr)
            assert bytes_a_case <= BYTES_A_CASE
            assert len(stack.json("sla", "cases", "--unit", "wuye")) == CASES // 5 + 1
    finally:
        broker.process.end()


# --- after midnight ---

def test_a_suspension_ends_by_itself(town):
    """No event comes: the timer resumes the case at midnight, and its deadline, a minute later, passes."""
    before = shown(town, "NIGHT", "--as-of", "2024-10-22T23:59:59.999+08:00")
    assert before["state"] == "suspended" and clock_of(before, "answer")["outcome"] == "suspended"
    wait_for(lambda: "the overdue\n" + town.tails(), lambda: any(notice["step"] == "overdue" for notice in told(town).get(("NIGHT", "answer", 1), [])))
    (overdue,) = results(town, "clock.overdue", "NIGHT")
    assert (overdue["deadline"], overdue["unit"], overdue["class"]) == ("2024-10-23T00:01:00+08:00", "n", "night")
    assert {(notice["step"], notice["deadline"], notice["unit"]) for notice in told(town)["NIGHT", "answer", 1]} <= {
        (name, "2024-10-23T00:01:00+08:00", "n") for name in ("remind-30m", "overdue")}
    after = shown(town, "NIGHT")
    assert after["state"] == "received" and clock_of(after, "answer")["outcome"] == "overdue" and effects(after)[-1] == (None, "ended")
    assert [told["step"] for told in after["told"] if told["kind"] == "notice"][-1] == "overdue"
    (answered,) = wait_for("an answer timed after midnight", lambda: results(town, "case.answered", "WAITS"))
    assert answered["clock_outcome"] == "met"


def test_what_redis_holds_is_what_replay_folds(town):
    now = instant_text(town.business_ms())
    town.check_same(now, *INSTANTS)
    for instant in INSTANTS[2:5]:
        replayed = {line["case"]: line for line in map(json.loads, replay_lines(town, "--until", instant))}
        assert {row["case"]: row for row in town.json("sla", "cases", "--as-of", instant)} == {
            name: {field: value for field, value in line.items() if field != "duplicates"} for name, line in replayed.items()}
        for name in ("APPROVAL", "REWORK", "NIGHT", "RATING"):
            case = shown(town, name, "--as-of", instant)
            assert {field: case[field] for field in replayed[name]} == replayed[name]


def instant_text(instant_ms):
    seconds, rest = divmod(round(instant_ms), 1000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds + 8 * 3600)) + ".%03d+08:00" % rest


def replay_lines(town, *options):
    return town.run("sla", "replay", "--json", *options, town.history_file(), good=(0, 1)).stdout.splitlines()


def test_a_certificate_of_each_case_holds_and_is_that_of_replay(town):
    now = instant_text(town.business_ms())
    for instant, names in ((INSTANTS[2], CASE_NAMES), (now, ["MAIN", "NIGHT", "SUPERVISED", "RATING"])):
        replayed = {json.loads(line)["inputs"]["case"]: line for line in replay_lines(town, "--certificates", "--until", instant)}
        lines = []
        for name in names:
            done = town.run("sla", "explain", name, "--as-of", instant, "--json", good=(0,) if name in replayed else (1,))
            assert done.stdout.splitlines() == [replayed[name]] if name in replayed else not done.stdout, name
            lines += done.stdout.splitlines()
        verified = town.run("sla", "verify", "-", stdin=b"".join(line + b"\n" for line in lines))
        assert len(verified.stdout.splitlines()) == len(lines) and verified.stdout.count(b": holds") == len(lines)
    done = town.run("sla", "explain", "REWORK", "--json")
    assert b"holds" in town.run("sla", "verify", "-", stdin=done.stdout).stdout
    spoilt = done.stdout.replace(b"2024-10-22", b"2024-10-23", 1)
    said = town.run("sla", "verify", "-", stdin=spoilt, good=(1,))
    assert b"does not hold" in said.stderr and not said.stdout
    words = town.run("sla", "explain", "SUPERVISED").stdout.decode()
    assert "督办" in words and "2024-10-23" in words


def test_a_broken_policy_is_named_and_the_old_one_goes_on(town):
    good = town.policy_file.read_text()
    broken = json.loads(good)
    broken["classes"][0]["clocks"][0]["limit_workday"] = broken["classes"][0]["clocks"][0].pop("limit_workdays")
    town.policy_file.write_text(json.dumps(broken))
    fault = '%s: classes[0].clocks[0]: unknown field "limit_workday"' % town.policy_file
    try:
        for process in town.processes.values():
            process.signal(signal.SIGHUP)
        for name, process in town.processes.items():
            wait_for(lambda: "%s says what is wrong:\n%s" % (name, process.text()[-1500:]), lambda: fault.replace('"', '\\"') in process.text())
            assert "event=rules.reload kept=old error=" in process.text()
        done = town.run("sla", "check", good=(2,))
        assert fault in done.stderr.decode() and not done.stdout
        town.produce([event("AFTER", "ticket.received", at("22 15:00"), {"kind": "help"})])
        town.settled()
        wait_for("a notice under the old rules", lambda: ("AFTER", "dispatch", 1) in told(town))
        town.policy_file.write_text(json.dumps(dict(POLICY, title="another")))
        for name, process in town.processes.items():
            process.signal(signal.SIGHUP)
            wait_for("%s says that the rules are others" % name, lambda: "event=rules.reload kept=old note=" in process.text())
    finally:
        town.policy_file.write_text(good)
    assert town.run("sla", "check").stdout
    assert all(process.alive() for process in town.processes.values())
    town.check_same(INSTANTS[3])


# --- generated lives ---

KINDS = """amended dispatched dispatched signed contacted transferred returned suspended suspended resumed extension_requested extension_granted
extension_refused urged supervised answered answered called_back called_back closed reopened voided merged""".split()
UNITS = ["a", "b", "c", "供电", ""]


def some_data(dice, kind, names):
    """Data of a ticket's event."""
    units = lambda: dice.sample(UNITS[:4], dice.randint(0, 3))
    data = {
        "received": lambda: dict(kind=dice.choice(["help", "complaint"]), unit=dice.choice(UNITS), channel=dice.choice(["night", "phone", "phone"]), co_units=units()),
        "amended": lambda: dice.choice([{}, dict(unit=dice.choice(UNITS)), dict(co_units=units()), dict(channel="night", due=some_time(dice))]),
        "dispatched": lambda: dict(unit=dice.choice(UNITS[:4]), co_units=units(), **({"due": some_time(dice)} if dice.random() < 0.3 else {})),
        "contacted": lambda: dict(reached=dice.random() < 0.7), "transferred": lambda: dict(unit=dice.choice(UNITS[:4])),
        "suspended": lambda: dict(reason=dice.choice(["absent", "correction", "absent", "other", SECRET_REASON])),
        "extension_requested": lambda: dict(days=dice.choice([1, 3, 9])), "extension_granted": lambda: dict(days=dice.choice([1, 3, 9])),
        "answered": lambda: dict(unit=dice.choice(UNITS), outcome=dice.choice(["solved", "explained"])),
        "called_back": lambda: dict(satisfaction=dice.randint(1, 5), solved=dice.random() < 0.7), "merged": lambda: dict(into=dice.choice(names)),
    }
    return data.get(kind, dict)()


def some_time(dice):
    minute = dice.choice([0, 0, 29, 30, 31, 59])
    return at("%02d %02d:%02d:%s" % (dice.randint(12, 30), dice.choice([0, 8, 9, 11, 13, 17, 17, 23]), minute, dice.choice(["00", "00", "00.001", "59.999"])))


def generated(seed, count):
    """Lives of tickets in October 2024 at the edges of periods and days; out of order, some events twice."""
    dice = random.Random(seed)
    names, lines = ["G%04d" % number for number in range(count)], []
    for name in names:
        for number, kind in enumerate(["received", *dice.choices(KINDS, k=dice.randint(0, 12))]):
            when = some_time(dice) if number else at("%02d %02d:%02d" % (dice.randint(8, 16), dice.choice([8, 9, 12, 17, 22]), dice.choice([0, 30])))
            lines.append(event(name, "ticket." + kind, when, some_data(dice, kind, names), id="%s-%d" % (name, number)))
        if dice.random() < 0.2:
            lines.append(event("R" + name, "rating.submitted", some_time(dice), {"satisfaction": dice.randint(1, 5), "case": name, "unit": "a"}))
    lines += dice.choices(lines, k=len(lines) // 20)
    dice.shuffle(lines)
    return lines


def test_generated_lives_stand_in_redis_as_replay_folds_them(town):
    town.produce(generated(11, GENERATED))
    town.settled()
    town.check_counted()
    close(wait_for(lambda: "all told\n" + town.tails(), lambda: ended(town)))
    town.check_same("2024-10-10T13:30:00.001+08:00", "2024-10-15T17:30:00+08:00", "2024-10-21T00:00:00+08:00", "2024-10-25T17:30:00.001+08:00", *INSTANTS)
    figures = summary(town)
    assert figures == replayed(town, figures["as_of"]) and figures["total"]["missed"] > GENERATED / 20
    for instant in INSTANTS[2:4]:
        assert summary(town, "--as-of", instant) == replayed(town, instant)
    certificates = replay_lines(town, "--certificates", "--until", "2024-10-25T12:00:00+08:00")
    assert len(certificates) > GENERATED / 2
    verified = town.run("sla", "verify", "-", stdin=b"".join(line + b"\n" for line in certificates))
    assert verified.stdout.count(b": holds") == len(certificates)
    for line in certificates[:: max(1, len(certificates) // 8)]:
        name, of = (json.loads(line)["inputs"][field] for field in ("case", "of"))
        live = town.run("sla", "explain", name, "--as-of", "2024-10-25T12:00:00+08:00", "--json").stdout.splitlines()
        assert line in live, first_difference(live, [line])
    assert not found_in_redis(town, "接听")
