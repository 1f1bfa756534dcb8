"""Repeat appeals and clusters: what is linked and counted is what the receipts say, whatever order they came in; a burst of
many citizens is told to the dispatcher once."""
import collections
import hashlib
import json
import random
import time
from datetime import datetime, timedelta, timezone

import pytest

from harness import SOAK, Load, event, received, wait_for
from test_notify import SECRET, close, ended, make_sink  # noqa: F401
from test_privacy import CITIZEN, KEY, check_clean, redis_contents

ZONE = timezone(timedelta(hours=8))
NOW = "2024-10-15T23:00:00+08:00"
COUNT = 6000 if SOAK else 1200


def instant(text):
    return datetime.fromisoformat(text)


def at(hours):
    """An instant of 2024-10-15."""
    return (datetime(2024, 10, 15, tzinfo=ZONE) + timedelta(hours=hours)).isoformat()


def person(n):
    return {"name": "王小明", "phone": "138%08d" % (12340000 + n)}


@pytest.fixture
def make_town(folder, make_stack):
    """A stack that knows its citizens, with webhook sinks by name: make(endpoints, appeals, …)."""
    (folder / "secret").write_text(SECRET + "\n")
    (folder / "citizen.key").write_text(KEY)
    for name in ("secret", "citizen.key"):
        (folder / name).chmod(0o600)

    def make(endpoints=None, appeals=None, notify=None, **options):
        sections = {"endpoint " + name: dict({"url": sink.url, "secret_file": folder / "secret"}, **more) for name, (sink, more) in (endpoints or {}).items()}
        sections["privacy"] = {"key_file": folder / "citizen.key", "key_id": "k1"}
        sections["appeals"] = dict({"cluster_citizens": 3}, **(appeals or {}))
        sections["notify"] = dict({"retry": "0s 0.2s 0.2s", "lease": 5}, **(notify or {}))
        return make_stack(**dict({"start": NOW, "sections": sections}, **options))
    return make


def ticket(case, who, time, item="noise", area="310112", **data):
    return received(case, time, item=item, area=area, citizen=person(who), **data)


def gathered(stack):
    """Field and blob of all that gathers appeals."""
    return {name: blob for rows in stack.hashes("case") for name, blob in rows.items() if name[:1] in (b"a", b"p")}


def links(stack, case, *options):
    found = stack.json("sla", "case", case, *options)[0]["repeats"]
    return found and tuple([one["case"] for one in found[side]] for side in ("earlier", "later"))


def repeats(stack, *options):
    return stack.json("sla", "repeats", *options)[0]


# Links and counts

def test_a_case_shows_the_earlier_and_later_ones_of_its_citizen_about_this(make_town):
    stack = make_town()
    stack.spawn()
    stack.produce([ticket("C3", 1, at(3)), ticket("ELSE", 1, at(1), item="smell"), ticket("C1", 1, "2024-07-18T03:00:00+08:00"),
                   ticket("C0", 1, "2024-07-16T03:00:00+08:00"), ticket("THERE", 1, at(1), area="310104"), ticket("OTHER", 2, at(2)),
                   ticket("C2", 1, at(2), unit="cg"), received("NOBODY", at(2), item="noise", area="310112"), ticket("NOITEM", 1, at(2), item="")])
    stack.produce([event("C2", "ticket.merged", at(4), {"into": "C1"}), ticket("C2", 1, at(5), id="again"),     # merged, and received a second time
                   event("C3", "ticket.answered", at(6), {"outcome": "solved"})])
    stack.settled()
    assert links(stack, "C2") == (["C1"], ["C3"])
    assert links(stack, "C3") == (["C1", "C2"], [])      # C0 lies 91 days before
    assert links(stack, "C1") == (["C0"], ["C2", "C3"])
    assert links(stack, "OTHER") == ([], []) and links(stack, "ELSE") == ([], []) and links(stack, "THERE") == ([], [])
    assert links(stack, "NOBODY") is None and links(stack, "NOITEM") is None
    assert links(stack, "C2", "--as-of", at(2.5)) == (["C1"], [])
    found = stack.json("sla", "case", "C2")[0]["repeats"]
    assert found["window_days"] == 90 and found["later"][0] == {"case": "C3", "received": at(3), "state": "answered", "unit": "wuye"}
    shown = stack.run("sla", "case", "C2").stdout.decode()
    assert "within 90 days: 1 earlier, 1 later" in shown and "C1" in shown and "C3" in shown
    assert repeats(stack)["total"] == {"appeals": 7, "repeats": 3, "groups": 1}
    assert repeats(stack, "--unit", "cg")["total"] == {"appeals": 1, "repeats": 1, "groups": 1}
    assert repeats(stack, "--from", "2024-10-15", "--to", "2024-10-16")["total"]["repeats"] == 2
    table = stack.run("sla", "repeats").stdout.decode()
    assert "noise" in table and table.splitlines()[-1].split() == ["total", "7", "3", "1"]
    assert b"--from" in stack.run("sla", "repeats", "--from", "yesterday", good=(2,)).stderr


def test_a_receipt_that_came_late_is_the_first_all_the_same(make_town):
    stack = make_town()
    stack.spawn()
    stack.produce([ticket("B", 1, at(2)), ticket("D", 1, at(4), unit="cg")])
    stack.settled()
    assert links(stack, "B") == ([], ["D"]) and repeats(stack)["total"]["repeats"] == 1
    stack.produce([ticket("A", 1, at(1), unit="cg")])
    stack.settled()
    assert links(stack, "B") == (["A"], ["D"])
    units = {row["unit"]: row["repeats"] for row in repeats(stack)["units"]}
    assert units == {"cg": 1, "wuye": 1}
    # An earlier receipt of D itself, of another citizen: it is theirs, and what the citizen before is linked to is not.
    stack.produce([ticket("D", 2, at(0.5), id="the first", unit="cg")])
    stack.settled()
    assert links(stack, "B") == (["A"], []) and links(stack, "D") == ([], [])
    assert repeats(stack)["total"]["repeats"] == 1


def generated(seed, count):
    """Events of tickets by few citizens about little, in the order of their times."""
    dice = random.Random(seed)
    lines = []
    for n in range(count):
        case, minute = "G%05d" % n, dice.randrange(400 * 24 * 60)
        moment = lambda more: (datetime(2023, 9, 11, tzinfo=ZONE) + timedelta(minutes=minute + more)).isoformat()
        data = {"kind": dice.choice(["complaint", "praise"])}
        if dice.random() < 0.9:
            data["item"] = dice.choice(["noise", "smell", "垃圾"])
        if dice.random() < 0.8:
            data["area"] = dice.choice(["310112", "310104"])
        if dice.random() < 0.7:
            data["unit"] = dice.choice(["wuye", "chengguan"])
        if dice.random() < 0.9:
            data["citizen"] = person(dice.randrange(count // 25))
        lines.append((moment(0), event(case, "ticket.received", moment(0), data, id=case + "-r")))
        if dice.random() < 0.5:
            lines.append((moment(9), event(case, "ticket.dispatched", moment(9), {"unit": dice.choice(["wuye", "huanwei"])}, id=case + "-d")))
        if dice.random() < 0.2:
            lines.append((moment(20), event(case, "ticket.amended", moment(20), {"item": "smell", "area": "310101"}, id=case + "-a")))
        if dice.random() < 0.1:
            lines.append((moment(30), event(case, dice.choice(["ticket.voided", "ticket.merged"]), moment(30), {"into": "G00000"}, id=case + "-v")))
        if dice.random() < 0.1:
            other = dict(data, citizen=person(dice.randrange(count // 25)))
            more = dice.choice([-50, 50])
            lines.append((moment(more), event(case, "ticket.received", moment(more), other, id=case + "-r2")))
        if dice.random() < 0.1:
            lines.append(lines[-1])
    return [line for _, line in sorted(lines)]


def worked_out(lines, window_days=90):
    """What `repeats` should print, from the events alone: each receipt held against each other one of its group."""
    cases = collections.defaultdict(dict)
    for line in lines:
        one = json.loads(line)
        key = hashlib.sha256(("%s\n%s" % (one["source"], one["id"])).encode()).digest()[:8]
        cases[one["subject"]].setdefault(key, one)
    groups = collections.defaultdict(list)
    for case, events in cases.items():
        order = sorted(((instant(one["time"]), key, one) for key, one in events.items()), key=lambda each: each[:2])
        receipts = [each for each in order if each[2]["type"] == "ticket.received"]
        when, key, first = receipts[0]
        data = first["data"]
        if not data.get("item") or not data.get("citizen"):
            continue
        unit = data.get("unit") or next((one["data"]["unit"] for moment, _, one in order if one["type"] == "ticket.dispatched" and moment > when), "")
        groups[data["citizen"]["phone"], data["item"], data.get("area", "")].append((when, key, unit))
    counts = collections.defaultdict(lambda: [0, 0, set()])
    for group, appeals in groups.items():
        for when, key, unit in appeals:
            again = any((other, its) < (when, key) and when - other <= timedelta(days=window_days) for other, its, _ in appeals)
            for name in (("total", ""), (unit, None), (unit, group[1])):
                counts[name][0] += 1
                counts[name][1] += again
                if again:
                    counts[name][2].add(group)
    shown = lambda name: {"appeals": counts[name][0], "repeats": counts[name][1], "groups": len(counts[name][2])}
    units = sorted({unit for unit, item in counts if item is None}, key=str.encode)
    items = lambda of: sorted((item for unit, item in counts if unit == of and item and counts[unit, item][1]), key=str.encode)
    return {"from": None, "to": None, "window_days": window_days, "total": shown(("total", "")),
            "units": [dict(shown((unit, None)), unit=unit, items=[dict(shown((unit, item)), item=item) for item in items(unit)]) for unit in units]}


def test_counted_as_the_events_say_through_kills_and_again_from_the_topics(make_town):
    """Shuffled, with duplicates, the consumer killed again and again; and anew in an empty Redis."""
    stack = make_town(appeals={"cluster_citizens": 1000, "cluster_hours": 100}, fsync="always")
    lines = generated(1, COUNT)
    random.Random(2).shuffle(lines)
    stack.spawn()
    load = Load(stack, lines, piece=COUNT // 12)
    load.start()
    for _ in range(4):
        seen = stack.records()
        wait_for("some more records", lambda: stack.records() > seen or not load.is_alive())
        stack.kill()
        stack.spawn()
    load.finish()
    stack.settled()
    expected = worked_out(lines)
    assert expected["total"]["repeats"] > COUNT // 20 and len(expected["units"]) == 4
    assert repeats(stack) == expected
    first, figures = gathered(stack), stack.json("report", "summary")[0]
    assert {name[:1] for name in first} == {b"a", b"p"} and len(first) > 10
    stack.check_same()
    # Again from the topics, into nothing.
    stack.stop()
    stack.redis.client.flushall()
    stack.spawn()
    stack.settled()
    assert repeats(stack) == expected
    assert gathered(stack) == first
    again = stack.json("report", "summary")[0]
    assert {**again, "as_of": None} == {**figures, "as_of": None}


def test_what_is_off_is_not_kept(make_town):
    stack = make_town(appeals={"window": 0, "cluster_citizens": 0})
    stack.spawn()
    stack.produce(ticket("T%d" % n, n % 2, at(1 + n / 60)) for n in range(20))
    stack.settled()
    assert not gathered(stack)
    assert links(stack, "T1") is None
    assert b"window is 0" in stack.run("sla", "repeats", good=(2,)).stderr


def test_the_sweep_lets_go_of_what_is_past(make_town):
    stack = make_town()
    stack.spawn()
    stack.produce([ticket("OLD%d" % n, n, at(1)) for n in range(50)] + [ticket("NEW", 1, at(22))])
    stack.settled()
    assert len(gathered(stack)) == 51
    assert links(stack, "OLD1") == ([], ["NEW"])
    stack.stop()
    count = repeats(stack)

    def at_day(days):
        """Business time so many days later, as if all had slept."""
        stack.redis.client.set("bihuan:clock", "%d %d 1" % ((time.time() - days * 86400) * 1000, instant(NOW).timestamp() * 1000))
    at_day(10)
    stack.spawn("sla")
    wait_for("the place to go", lambda: not [name for name in gathered(stack) if name[:1] == b"p"])
    assert len(gathered(stack)) == 50
    stack.stop("sla")
    at_day(98)
    stack.spawn("sla")
    wait_for("all to go", lambda: not gathered(stack))
    assert links(stack, "OLD1") is None         # not known any more
    assert repeats(stack) == count              # and counted all the same
    assert "unreadable" not in stack.processes["sla"].text()
    # What comes now begins anew.
    stack.spawn()
    stack.produce([ticket("FRESH", 1, "2025-01-20T10:00:00+08:00"), ticket("FRESHER", 1, "2025-01-20T11:00:00+08:00")])
    stack.settled()
    assert links(stack, "FRESHER") == (["FRESH"], [])


# Clusters

def alerts(sink):
    return [notice for notice in sink.notices() if notice["data"]["step"] == "cluster"]


def told(stack):
    """Nothing is pending, and something was told."""
    return ended(stack)


def test_many_citizens_with_one_matter_are_told_to_the_dispatcher_once(make_town, make_sink):
    sink = make_sink()
    stack = make_town({"all": (sink, {})})
    stack.spawn(), stack.spawn("sla"), stack.spawn("notify")
    stack.produce([ticket("A0", 0, at(9)), ticket("A1", 0, at(9.2)), ticket("A2", 1, at(9.5)), ticket("B0", 2, at(9.5), area="310104"),
                   ticket("B1", 2, at(9.5), item="smell"), ticket("NOAREA", 3, at(9.5), area=""), ticket("LONG AGO", 4, at(5))])
    stack.settled()
    stack.produce([ticket("A3", 5, at(10))])
    (alert,) = wait_for("the alert", lambda: alerts(sink))
    data = alert["data"]
    assert alert["type"] == "notice" and alert["id"].startswith("ntc_") and alert["source"] == "/bihuan"
    assert (data["step"], data["to"], data["item"], data["area"], data["citizens"]) == ("cluster", ["dispatcher"], "noise", "310112", 3)
    assert data["cases"] == ["A0", "A1", "A2", "A3"] and data["more"] is False
    assert (data["since"], data["until"], data["unit"], data["case"], data["of"]) == (at(9), at(10), None, None, "place")
    assert sink.taken()[0]["verified"] is True
    # More of the same, also late ones: one burst, one alert.
    for n in range(6, 30):
        stack.produce([ticket("A%d" % n, n, at(8 + n / 6)), ticket("L%d" % n, 100 + n, at(9 + n / 60))])
        stack.settled()
    close(wait_for("an end", lambda: told(stack)))
    assert len(alerts(sink)) == 1
    # It died down (a single citizen meanwhile), and rises anew.
    stack.produce([ticket("M", 1, at(17.5))] + [ticket("N%d" % n, n, at(21.5 + n / 10)) for n in range(3)])
    stack.settled()
    wait_for("the second alert", lambda: len(alerts(sink)) == 2)
    second = alerts(sink)[1]
    assert second["id"] != alert["id"] and second["data"]["cases"] == ["N0", "N1", "N2"] and second["subject"] == alert["subject"]
    close(wait_for("an end", lambda: told(stack)))
    # The ledger tells it, and no result speaks of it.
    ledger = [json.loads(message.value()) for message in stack.kafka.read(stack.topics["ledger"])]
    ours = [record for record in ledger if record["step"] == "cluster"]
    assert [(record["id"], record["outcome"], record["status"], record["of"], record["case"]) for record in ours] == \
        [(each["id"], "delivered", 200, "place", each["subject"]) for each in (alert, second)]
    assert [(record["item"], record["area"], record["due"]) for record in ours] == [("noise", "310112", at(10)), ("noise", "310112", at(21.7))]
    assert "cluster" in stack.run("notify", "ledger", alert["subject"]).stdout.decode()
    assert not [message for message in stack.kafka.read(stack.topics["results"]) if b'"place"' in message.value()]


def test_the_dispatcher_may_be_a_unit_with_an_endpoint_of_its_own(make_town, make_sink):
    centre, wuye = make_sink(), make_sink()
    stack = make_town({"centre": (centre, {"units": "centre"}), "wuye": (wuye, {"units": "wuye"})}, {"dispatcher": "centre"})
    stack.spawn(), stack.spawn("notify")
    stack.produce(ticket("A%d" % n, n, at(9)) for n in range(3))
    (alert,) = wait_for("the alert", lambda: alerts(centre))
    assert alert["data"]["unit"] == "centre"
    figures = wait_for("an end", lambda: told(stack))
    assert {row["unit"]: row["delivered"] for row in figures["units"]}["centre"] == 1 and not alerts(wuye)
    nobody = stack.configure("nobody.ini", appeals={"dispatcher": "elsewhere"})
    assert b'dispatcher: no endpoint serves "elsewhere"' in stack.run("notify", "check", config=nobody, good=None).stderr
    assert b"dispatcher" not in stack.run("notify", "check", good=None).stderr


def test_an_endpoint_that_fails_gets_it_again_under_one_id(make_town, make_sink):
    sink = make_sink("--fail-first", "1", "--fail-status", "503")
    stack = make_town({"all": (sink, {})})
    stack.spawn(), stack.spawn("notify")
    stack.produce(ticket("A%d" % n, n, at(9)) for n in range(3))
    wait_for("the alert", lambda: alerts(sink))
    assert len({request["id"] for request in sink.requests()}) == 1 and len(sink.requests()) == 2
    close(wait_for("an end", lambda: told(stack)))


def test_killed_again_and_again_each_place_has_one_alert_under_one_id(make_town, make_sink):
    places = 300 if SOAK else 60
    sink = make_sink()
    stack = make_town({"all": (sink, {})}, fsync="always")
    stack.spawn(), stack.spawn("notify")
    lines = [ticket("P%d-%d" % (place, n), n, at(9 + n / 100), area="area-%d" % place, kind="praise") for n in range(6) for place in range(places)]
    random.Random(3).shuffle(lines)
    load = Load(stack, lines, piece=len(lines) // 20, pause_s=0.05)
    load.start()
    for _ in range(5):
        seen = len(sink.requests())
        wait_for("some more alerts", lambda: len(sink.requests()) > seen or not load.is_alive())
        stack.kill("notify")
        stack.kill()
        stack.spawn()
        stack.spawn("notify")
    load.finish()
    stack.settled()
    found = lambda: {(alert["data"]["area"], alert["id"]) for alert in alerts(sink)}
    wait_for(lambda: "alerts of all places: %d" % len(found()), lambda: len(found()) >= places)
    figures = wait_for("an end", lambda: told(stack))
    close(figures)
    assert len(found()) == len({area for area, _ in found()}) == places and figures["delivered"] == figures["owed"] == places


def test_in_shadow_it_is_recorded_and_not_sent(make_town, make_sink):
    sink = make_sink()
    stack = make_town({"all": (sink, {})}, notify={"mode": "shadow"})
    stack.spawn(), stack.spawn("notify")
    stack.produce(ticket("A%d" % n, n, at(9)) for n in range(3))
    wait_for("the record", lambda: [message for message in stack.kafka.read(stack.topics["ledger"]) if b'"cluster"' in message.value() and b'"shadowed"' in message.value()])
    assert not sink.requests()


def test_a_burst_of_long_ago_is_no_news(make_town, make_sink):
    sink = make_sink()
    stack = make_town({"all": (sink, {})})
    stack.spawn(), stack.spawn("notify")
    stack.produce([ticket("O%d" % n, n, "2024-10-13T09:00:00+08:00") for n in range(9)] + [ticket("A%d" % n, n, at(9), item="smell") for n in range(3)])
    wait_for("the alert", lambda: alerts(sink))
    close(wait_for("an end", lambda: told(stack)))
    assert [alert["data"]["item"] for alert in alerts(sink)] == ["smell"]


def test_nothing_of_it_names_a_citizen(make_town, make_sink):
    sink = make_sink()
    stack = make_town({"all": (sink, {})})
    stack.spawn(), stack.spawn("sla"), stack.spawn("notify")
    stack.produce([received("A%d" % n, at(9 + n / 10), item="noise", area="310112", citizen=CITIZEN) for n in range(3)] +
                  [ticket("B%d" % n, n, at(9)) for n in range(2)])
    wait_for("the alert", lambda: alerts(sink))
    wait_for("an end", lambda: told(stack))
    check_clean("Redis", redis_contents(stack.redis.client))
    for name, process in stack.processes.items():
        check_clean("the log of " + name, process.log.read_bytes())
    for topic in ("results", "ledger"):
        for message in stack.kafka.read(stack.topics[topic]):
            check_clean(topic, message.value())
    check_clean("the alert", sink.log.read_bytes())
    hashes = [blob.partition(b"k1:")[2][:22] for rows in stack.hashes("case") for name, blob in rows.items() if name == b"tA0"]
    assert len(hashes[0]) == 22 and hashes[0] not in sink.log.read_bytes()
    for arguments in (("case", "A0"), ("case", "A0", "--json"), ("repeats",), ("repeats", "--json"), ("dump",)):
        done = stack.run("sla", *arguments)
        check_clean(str(arguments), done.stdout + done.stderr)
