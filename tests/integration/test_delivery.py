"""What becomes of notices on their way: recipients with places of their own, fall-back, rates that hold, hours, silences, and endpoints
that are down, gone or asked for patience. Real services' answers (services.py), the real notifier."""
import collections
import json
import signal
import time

import pytest

from harness import instant_ms, wait_for
from services import Certificates, MailServer, Service
from test_notify import AFTER, SECRET, answered, close, ended, make_sink, records, results, simple, status      # noqa: F401 (a fixture)

SENDING = {"version": "1", "hours": [{"channels": ["webhook", "kafka"], "any_hour": True}, {"periods": [["08:30", "18:00"]]}],
           "passes": {"urgencies": ["critical"]}, "digests": []}
LEADER_STEP = "2024-10-17T09:02:00+08:00"      # escalate-d1 of a simple ticket: handler and leader


def units(*people, handlers=("li",), leaders=(), **more):
    return {"version": "1", "people": [dict({"person": name, "name": name}, contacts=[dict(zip(("endpoint", "address"), contact)) for contact in contacts])
                                       for name, *contacts in people],
            "units": [{"unit": "wuye", "name": "物业管理科", "handlers": list(handlers), "leaders": list(leaders)}] + more.pop("more_units", []), **more}


@pytest.fixture
def robot():
    """A WeCom group robot."""
    made = Service("wecom")
    yield made
    made.close()


@pytest.fixture
def town(folder, make_stack, make_sink):      # noqa: F811
    secret = folder / "secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)

    def make(endpoints, who=None, sending=None, start=AFTER, notify=None, speed=1, **options):
        sections = {"endpoint " + name: dict(more, **({} if "channel" in more else {"secret_file": secret})) for name, more in endpoints.items()}
        sections["notify"] = dict({"retry": "0s 0.2s 0.2s 0.2s 0.2s 0.2s", "lease": 5}, **(notify or {}))
        for name, value in (("units", who), ("sending", sending)):
            if value:
                (folder / (name + ".json")).write_text(json.dumps(value, ensure_ascii=False))
                sections["notify"][name] = folder / (name + ".json")
        return make_stack(start=start, speed=speed, sections=sections, **options)
    return make


def wecom(robot, **more):      # noqa: F811
    return dict({"channel": "wecom", "url": "http://127.0.0.1:%d/cgi-bin/webhook/send?key=abc" % robot.port, "units": "-", "rate": 0}, **more)


def texts(robot):      # noqa: F811
    return [json.dumps(request.json, ensure_ascii=False) for request in robot.requests]


def run(stack, *lines):
    stack.spawn(), stack.spawn("sla"), stack.spawn("notify")
    stack.produce(lines)
    return wait_for(lambda: "all ended: %s" % status(stack), lambda: ended(stack))


def ledger(stack):
    return [record for record in records(stack, "ledger") if record["type"] == "notice"]


def test_two_people_at_one_robot_share_a_message_that_mentions_both(town, robot):
    stack = town({"group": wecom(robot, format="text")}, units(("li", ("group", "13800000001")), ("wang", ("group", "13800000002")), handlers=("li", "wang")))
    close(run(stack, simple(1, title="电梯故障")))
    assert len(robot.requests) == 1, texts(robot)
    said = texts(robot)[0]
    assert "13800000001" in said and "13800000002" in said and "S00001" in said and "电梯故障" in said
    (record,) = ledger(stack)
    assert record["outcome"] == "delivered" and record["channel"] == "wecom" and record["code"] in (0, None) and len(record["hash"]) == 64
    assert sorted(one["person"] for one in record["to"]) == ["li", "wang"] and all(one["roles"] == ["handler"] for one in record["to"])
    assert "13800000001" not in json.dumps(record) and "0001" in json.dumps(record["to"])


def test_after_some_failures_the_next_contact_has_it(town, robot, folder):
    mails = MailServer(Certificates(folder))
    robot.behaviour = "failing"
    try:
        stack = town({"group": wecom(robot), "mail": {"channel": "email", "url": "smtp://localhost:%d" % mails.port, "from": "bihuan@example.cn", "units": "-",
                                                      "ca_file": folder / "ca.pem"}},
                     units(("li", ("group", "13800000001"), ("mail", "li@example.cn"))), notify={"fallback_after": 2})
        close(run(stack, simple(1)))
        assert len(robot.requests) == 2 and len(mails.mails) == 1
        outcomes = [(record["endpoint"], record["outcome"], record["attempt"]) for record in sorted(ledger(stack), key=lambda record: record["attempt"])]
        assert outcomes == [("group", "failed", 1), ("group", "failed", 2), ("mail", "delivered", 3)]
        assert len({record["id"] for record in ledger(stack)}) == 1
    finally:
        mails.close()


def test_a_refused_one_goes_to_the_next_contact_at_once_and_others_are_not_asked_again(town, robot, make_sink):      # noqa: F811
    sink = make_sink()
    robot.behaviour = (200, {}, b'{"errcode":93000,"errmsg":"invalid webhook url"}')
    stack = town({"group": wecom(robot), "hook": {"url": sink.url, "units": "wuye"}, "second": {"url": sink.url + "second", "units": "-"}},
                 units(("li", ("group", "13800000001"), ("second",))))
    close(run(stack, simple(1)))
    assert len(robot.requests) == 1
    assert sorted(request["path"] for request in sink.taken()) == ["/", "/second"]


def test_what_reaches_nobody_goes_to_the_dispatcher_and_says_so(town, robot):
    who = units(("zhang", ("desk", "13900000009")), handlers=(), more_units=[{"unit": "paidan", "name": "派单组", "handlers": ["zhang"]}], dispatcher="paidan")
    stack = town({"desk": wecom(robot, format="text")}, who)
    close(run(stack, simple(1)))
    assert len(robot.requests) == 1 and "13900000009" in texts(robot)[0]
    (record,) = ledger(stack)
    assert record["outcome"] == "delivered" and record["unit"] == "wuye" and record["to"][0]["person"] == "zhang"


def test_the_leader_hears_from_the_first_day_overdue(town, robot):
    stack = town({"group": wecom(robot)}, units(("li", ("group", "13800000001")), ("zhao", ("group", "13700000007")), leaders=("zhao",)), start=LEADER_STEP)
    close(run(stack, simple(1)))
    (record,) = ledger(stack)
    assert record["step"] == "escalate-d1" and {one["person"]: one["roles"] for one in record["to"]} == {"li": ["handler"], "zhao": ["leader"]}


def test_a_robots_rate_holds_over_notifiers_and_restarts(town, robot):
    """80 a minute: bursts of 4, then one each 790 ms, whoever sends and however often it dies."""
    stack = town({"group": wecom(robot, rate=80)}, units(("li", ("group", "13800000001"))))
    stack.spawn(), stack.spawn("sla"), stack.spawn("notify"), stack.spawn("notify-2", program="notify")
    began = time.time()
    stack.produce(simple(number) for number in range(14))
    wait_for("some", lambda: len(robot.requests) >= 6)
    stack.kill("notify"), stack.spawn("notify")
    wait_for(lambda: "all ended: %s" % status(stack), lambda: (status(stack)["delivered"] >= 14 and ended(stack)))
    assert time.time() - began >= (14 - 4) * 0.79 - 0.5
    assert 14 <= len(robot.requests) <= 18       # the kill may repeat what was on its way


def test_outside_the_hours_people_are_left_in_peace_and_machines_and_critical_cases_are_not(town, robot, make_sink):      # noqa: F811
    sink = make_sink()
    stack = town({"group": wecom(robot), "hook": {"url": sink.url, "units": "wuye"}}, units(("li", ("group", "13800000001"))), SENDING, speed=2000)
    stack.spawn(), stack.spawn("sla"), stack.spawn("notify")
    stack.produce([simple(1), simple(2, urgency="critical")])
    wait_for("the leader's hour", lambda: stack.business_ms() > instant_ms("2024-10-17T08:35:00+08:00") and len(robot.requests) >= 2)
    told = [record for record in ledger(stack) if record["outcome"] == "delivered"]
    at = {(record["case"], record["endpoint"], record["step"]): instant_ms(record["time"]) for record in told}
    opening = instant_ms("2024-10-17T08:30:00+08:00")
    assert at[("S00001", "hook", "overdue")] < opening and at[("S00002", "group", "overdue")] < opening
    assert all(when >= opening for (case, endpoint, _), when in at.items() if (case, endpoint) == ("S00001", "group"))


def test_one_that_is_answered_while_it_waits_for_the_opening_sends_nothing(town, robot):
    stack = town({"group": wecom(robot)}, units(("li", ("group", "13800000001"))), SENDING, speed=2000)
    stack.spawn(), stack.spawn("sla"), stack.spawn("notify")
    stack.produce([simple(1)])
    wait_for("it is overdue", lambda: results(stack, "clock.overdue"))
    stack.produce([answered(1, AFTER)])
    stack.settled()
    wait_for("the opening", lambda: stack.business_ms() > instant_ms("2024-10-17T09:30:00+08:00"))
    assert not robot.requests and ended(stack) is None


def test_what_fell_due_before_from_is_recorded_and_not_sent(town, make_sink):      # noqa: F811
    sink = make_sink()
    stack = town({"all": {"url": sink.url}}, notify={"from": "2024-10-17T00:00:03+08:00"})
    figures = run(stack, *[simple(number) for number in range(20)])
    close(figures)
    assert figures["shadowed"] == 20 and not sink.requests()
    assert {(record["outcome"], record["error"]) for record in ledger(stack)} == {("shadowed", "it fell due before [notify] from")}
    assert len(results(stack, "clock.overdue")) == 20


def test_what_corrects_a_notice_goes_though_that_fell_due_before_from(town, make_sink):      # noqa: F811
    sink = make_sink()
    stack = town({"all": {"url": sink.url}})
    stack.spawn(), stack.spawn("sla")
    notify = stack.spawn("notify")
    stack.produce([simple(1)])
    wait_for("the overdue notice", lambda: len(sink.taken()) == 1)
    wait_for("clock.overdue", lambda: results(stack, "clock.overdue"))
    stack.config.write_text(stack.config.read_text().replace("[notify]", "[notify]\nfrom = 2024-10-20T00:00:00+08:00", 1))
    notify.signal(signal.SIGHUP)
    wait_for("from is in force", lambda: "event=notify.reload endpoints=1" in notify.text())
    stack.produce([answered(1, "2024-10-16T15:00:00+08:00"), simple(2)])      # in time: the news came late
    wait_for("the correction", lambda: len(sink.taken()) == 2)
    assert (sink.notices()[1]["subject"], sink.notices()[1]["data"]["step"]) == ("S00001", "withdrawn")
    wait_for("the other is recorded", lambda: [record["case"] for record in ledger(stack) if record["outcome"] == "shadowed"] == ["S00002"])


def test_a_silence_ends_by_itself_and_the_latest_step_goes_then(town, make_sink):      # noqa: F811
    sink = make_sink()
    stack = town({"all": {"url": sink.url}}, speed=2000)
    stack.spawn(), stack.spawn("sla")
    stack.run("notify", "silence", "--unit", "wuye", "--until", "2024-10-17T12:00:00+08:00", "--reason", "系统迁移", "--yes")
    stack.produce([simple(1), simple(2, unit="lvhua")])
    stack.spawn("notify")
    wait_for("the other unit's", lambda: [notice for notice in sink.notices() if notice["subject"] == "S00002"])
    wait_for("the end of the silence", lambda: [notice for notice in sink.notices() if notice["subject"] == "S00001"])
    mine = [notice for notice in sink.notices() if notice["subject"] == "S00001"]
    assert instant_ms(mine[0]["time"]) >= instant_ms("2024-10-17T12:00:00+08:00") and mine[0]["data"]["step"] == "escalate-d1"
    assert results(stack, "clock.overdue")


@pytest.mark.parametrize("behaviour, outcome", [("throttled", "failed"), ("garbage", "failed"), ("empty", "failed"), ("reset", "failed"), ("failing", "failed")])
def test_an_answer_that_is_no_success_is_tried_again_under_the_same_id(town, robot, behaviour, outcome):
    stack = town({"group": wecom(robot)}, units(("li", ("group", "13800000001"))))
    robot.behaviour = behaviour
    stack.spawn(), stack.spawn("sla"), stack.spawn("notify")
    stack.produce([simple(1)])
    wait_for("a failure", lambda: any(record["outcome"] == outcome for record in ledger(stack)))
    robot.behaviour = "ok"
    if behaviour == "throttled":      # the service blocks for a while: nobody asks it meanwhile
        before = len(robot.requests)
        shown = wait_for("the endpoint is held", lambda: [one for one in stack.json("notify", "status")[0]["endpoints"] if one["state"] == "held"])
        assert shown and len(robot.requests) == before
        return
    figures = wait_for("the notice", lambda: ended(stack))
    close(figures)
    assert figures["delivered"] == 1 and len({record["id"] for record in ledger(stack)}) == 1


def test_a_dead_endpoint_delays_itself_alone_and_a_slow_one_too(town, make_sink, robot):      # noqa: F811
    fine, robot.behaviour = make_sink(), "slow"
    stack = town({"fine": {"url": fine.url, "units": "u0"}, "dead": {"url": "http://127.0.0.1:1/", "units": "u1"},
                  "slow": dict(wecom(robot), units="u2")}, notify={"in_flight": 32})
    stack.spawn(), stack.spawn("sla"), stack.spawn("notify")
    stack.produce([simple(number, unit="u%d" % (number % 3)) for number in range(600)])
    wait_for("all of the one that is fine", lambda: len(fine.taken()) >= 200)
    by_unit = {row["unit"]: row for row in status(stack)["units"]}
    wait_for("they are settled", lambda: {row["unit"]: row for row in status(stack)["units"]}["u0"]["delivered"] == 200)
    assert by_unit.get("u2", {"delivered": 0})["delivered"] == 0


def test_one_that_is_down_is_probed_and_what_waits_for_it_goes_elsewhere(town, make_sink):      # noqa: F811
    """The breaker opens after ten failures and half a minute without success: then the next place is used at once."""
    sink = make_sink()
    stack = town({"down": {"url": "http://127.0.0.1:1/", "units": "wuye", "fallback": "other"}, "other": {"url": sink.url, "units": "-"}},
                 notify={"retry": "0s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s", "fallback_after": 100})
    stack.spawn(), stack.spawn("sla"), stack.spawn("notify")
    stack.produce([simple(1), simple(2)])
    wait_for("the breaker opened", lambda: [one for one in stack.json("notify", "status")[0]["endpoints"] if one["endpoint"] == "down" and one["state"] == "held"], 60)
    stack.produce([simple(number) for number in range(3, 13)])
    wait_for("they went elsewhere", lambda: len({notice["subject"] for notice in sink.notices()} & {"S%05d" % number for number in range(3, 13)}) == 10, 30)
    first = collections.Counter((record["case"], record["endpoint"]) for record in ledger(stack) if record["case"] > "S00002")
    assert sum(count for (_, endpoint), count in first.items() if endpoint == "down") <= 2      # probes
