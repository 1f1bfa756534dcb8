"""bihuan-sla run: what falls due is folded and counted, once, and never before its time."""
import json
import random
import re
import signal
import threading

import pytest
import redis

from harness import SOAK, TOP, event, instant_ms, read_rows, received, wait_for

DEADLINE = "2024-10-17T00:00:00+08:00"       # of a simple ticket that is received on Tuesday the 15th
COUNT = 20000 if SOAK else 1500
GRACE_S = 120
COUNTERS = [name.lower() for name in re.findall(r"COUNT_(\w+)", re.search(r"enum counter \{(.*?)\}", (TOP / "sla/fold.h").read_text(), re.S)[1])]


def simple(number):
    return received("S%05d" % number, simple=True, unit="u%d" % (number % 7))


def stored_figures(stack):
    """Sums of the stored counters by unit, over all days."""
    units = {}
    for key in (key.decode() for shard in stack.keys("figures") for key in stack.redis.client.smembers(shard)):
        if not re.search(r"figures:(now|\d{4}-\d\d)$", key):
            continue
        for name, row in read_rows(stack.redis.client.hgetall(key)).items():
            unit = name if key.endswith("now") else name.split(" ", 1)[1]
            sums = units.setdefault(unit, [0] * len(COUNTERS))
            for i, counter in enumerate(row):
                sums[i] += counter
    return {unit: {name: count for name, count in zip(COUNTERS, sums) if count} for unit, sums in units.items() if any(sums)}


def as_stored(row):
    """A row of the summary, as the stored counters name things."""
    flat = {}
    for name, value in row.items():
        if name in ("ratings", "callback"):
            flat.update({"%s_%s" % (name.rstrip("s"), stars): count for stars, count in value.items()})
        elif isinstance(value, int) and name != "unit":
            flat[name] = value
    return {name: count for name, count in flat.items() if count}


def summary(stack, until):
    done = stack.run("sla", "replay", "--summary", "--json", "--until", until, stack.history_file(), good=(0, 1))
    return {row["unit"]: as_stored(row) for row in json.loads(done.stdout)["units"]}


class Watch(threading.Thread):
    """Looks at the timers all the time; notes each that went before its time plus grace."""

    def __init__(self, stack, grace_s):
        super().__init__(daemon=True)
        self.stack, self.grace_ms, self.early, self.gone, self.ended = stack, grace_s * 1000, [], 0, threading.Event()
        self.anchor, self.start_ms, self.speed = map(float, stack.redis.client.get("bihuan:clock").split())

    def look(self):
        """All timers, and business time at a moment after."""
        pipeline = self.stack.redis.client.pipeline(transaction=False)
        for key in self.stack.keys("due"):
            pipeline.zrange(key, 0, -1, withscores=True)
        pipeline.time()
        *sets, (seconds, micros) = pipeline.execute()
        return dict(pair for one in sets for pair in one), self.start_ms + (seconds * 1000 + micros // 1000 - self.anchor) * self.speed

    def run(self):
        before = {}
        while not self.ended.is_set():
            try:
                now, business_ms = self.look()
            except redis.RedisError:
                self.ended.wait(0.05)
                continue
            for field, score in before.items():
                if now.get(field) != score:
                    self.gone += 1
                    if business_ms < score + self.grace_ms:
                        self.early.append((field, score, business_ms))
            before = now
            self.ended.wait(0.01)

    def finish(self):
        self.ended.set()
        self.join()
        assert not self.early, self.early[:3]


def none_due(stack, grace_s=0):
    now = stack.business_ms() - grace_s * 1000
    return not any(stack.redis.client.zcount(key, "-inf", now) for key in stack.keys("due"))


@pytest.fixture
def deadline_stack(make_stack):
    """Simple tickets whose deadlines all fall on one instant; none has fired, and the clock that runs
    towards it starts with the first `bihuan-sla run`: at a slow one of their own they were taken in."""
    def make(count=COUNT, lead_s=180):
        stack = make_stack(start="2024-10-16T23:50:00+08:00", grace=GRACE_S, sections={"sla": {"timer_batch": 2}})
        stack.spawn()
        stack.produce(simple(i) for i in range(count))
        stack.settled()
        stack.stop()
        assert overdue(stack) == 0
        stack.redis.client.delete("bihuan:clock")
        stack.sections["clock"].update(start="2024-10-16T23:%02d:00+08:00" % (60 - lead_s // 60), speed=120)
        stack.config = stack.configure("bihuan.ini")
        return stack
    return make


def check_all_overdue(stack, count=COUNT):
    figures = stored_figures(stack)
    assert sum(row.get("open_overdue", 0) for row in figures.values()) == count
    assert sum(row.get("missed", 0) for row in figures.values()) == count
    assert sum(row.get("open", 0) for row in figures.values()) == count
    assert len(stack.json("sla", "cases", "--state", "overdue")) == count


def overdue(stack):
    return sum(row.get("open_overdue", 0) for row in stored_figures(stack).values())


def test_deadlines_are_counted_after_their_time_and_grace_and_not_before(deadline_stack):
    stack = deadline_stack(lead_s=240)
    stack.spawn("sla")
    watch = Watch(stack, GRACE_S)
    watch.start()
    wait_for("all overdue", lambda: overdue(stack) == COUNT)
    watch.finish()
    assert watch.gone > COUNT // 2     # those that came and went between two looks are not seen
    check_all_overdue(stack)


def test_several_daemons_that_are_killed_fire_each_timer_once(deadline_stack):
    stack, dice = deadline_stack(), random.Random(3)
    for name in ("one", "two", "three"):
        stack.spawn(name, "sla")
    watch = Watch(stack, GRACE_S)
    watch.start()
    wait_for("the first overdue", lambda: overdue(stack) > 0)
    for name in ("one", "two"):
        threading.Event().wait(dice.uniform(0, 0.05))
        stack.kill(name)
    stack.spawn("four", "sla")
    stack.kill("three")
    wait_for(lambda: "all overdue, not %d\n%s" % (overdue(stack), stack.tails()), lambda: overdue(stack) >= COUNT)
    watch.finish()
    wait_for("none is due", lambda: none_due(stack, GRACE_S))
    check_all_overdue(stack)


def test_a_daemon_that_slept_over_its_hold_fires_nothing_twice(deadline_stack):
    stack = deadline_stack()
    frozen = stack.spawn("frozen", "sla")
    wait_for("the first overdue", lambda: overdue(stack) > 0)
    frozen.signal(signal.SIGSTOP)
    stack.spawn("heir", "sla")
    wait_for("all overdue", lambda: overdue(stack) >= COUNT)
    frozen.signal(signal.SIGCONT)
    wait_for("none is due", lambda: none_due(stack, GRACE_S))
    assert stack.stop("frozen") == 0
    check_all_overdue(stack)


def test_redis_killed_while_timers_fire_loses_none(deadline_stack):
    stack = deadline_stack()
    stack.spawn("sla")
    wait_for("the first overdue", lambda: overdue(stack) > 0)
    stack.redis.kill()
    stack.redis.start()
    wait_for(lambda: "all overdue\n" + stack.tails(), lambda: overdue(stack) >= COUNT)
    wait_for("none is due", lambda: none_due(stack, GRACE_S))
    check_all_overdue(stack)


def test_what_fell_due_while_no_daemon_ran_is_fired_by_the_next(deadline_stack):
    stack = deadline_stack(count=200, lead_s=60)
    stack.spawn("sla")
    assert stack.stop("sla") == 0
    wait_for("past time and grace", lambda: stack.business_ms() > instant_ms(DEADLINE) + GRACE_S * 1000 + 1000)
    assert overdue(stack) == 0
    stack.spawn("sla")
    wait_for("all overdue", lambda: overdue(stack) == 200)
    check_all_overdue(stack, 200)


def test_an_answer_that_arrives_late_takes_the_overdue_back(deadline_stack):
    """Timed before the deadline, come after its timer has fired."""
    stack = deadline_stack(count=50, lead_s=60)
    stack.spawn("sla")
    wait_for("all overdue", lambda: overdue(stack) == 50)
    stack.spawn()
    stack.produce(event("S%05d" % i, "ticket.answered", "2024-10-16T17:00:00+08:00") for i in range(50))
    stack.settled()
    figures = stored_figures(stack)
    assert sum(row.get("answered_in_time", 0) for row in figures.values()) == 50
    assert not any(row.get(name) for row in figures.values() for name in ("open", "open_overdue", "missed"))
    assert figures == summary(stack, "2024-10-18T00:00:00+08:00")


def test_a_lost_set_of_timers_is_mended(make_stack, town):
    stack = make_stack(start="2024-09-01T00:00:00+08:00", grace=3600)
    stack.spawn()
    stack.produce(town(3000, "--start", "2024-08-12T08:00:00+08:00", "--tickets-per-day", "20"))
    stack.settled()
    timers = lambda: {pair for key in stack.keys("due") for pair in stack.redis.client.zrange(key, 0, -1, withscores=True)}
    before = timers()
    assert before
    stack.redis.client.delete(*stack.keys("due"))
    stack.spawn("sla")
    horizon = stack.business_ms() + 60000
    wait_for("the timers are back", lambda: {pair for pair in before if pair[1] > horizon} <= timers())


@pytest.mark.parametrize("policy", ["meilong-2024", "shanghai-street-2018"])
def test_stored_figures_are_those_of_the_summary(make_stack, town, life_cycles, policy):
    stack = make_stack(policy=policy)
    stack.spawn()
    stack.spawn("sla")
    stack.produce(town(4000, "--bad"))
    stack.feed(life_cycles(7, 100, "--shuffle", "--duplicates", policy=policy))
    stack.settled()
    wait_for("none is due", lambda: none_due(stack))
    assert stored_figures(stack) == summary(stack, "2199-12-31T23:50:30+08:00")
