"""bihuan-report summary: the figures from Redis are those of replay, whatever is asked for."""
import json

import pytest

from harness import received, wait_for


def replayed(stack, until):
    done = stack.run("sla", "replay", "--summary", "--json", "--until", until, stack.history_file(), good=(0, 1))
    return json.loads(done.stdout)


def summary(stack, *options):
    return stack.json("report", "summary", *options)[0]


@pytest.fixture
def filled(make_stack, life_cycles):
    def fill(policy="meilong-2024", **options):
        stack = make_stack(policy=policy, **options)
        stack.spawn()
        stack.feed(life_cycles(41, 120, "--shuffle", "--duplicates", policy=policy))
        stack.settled()
        return stack
    return fill


@pytest.mark.parametrize("policy", ["meilong-2024", "shanghai-street-2018"])
def test_now_and_at_any_instant(filled, policy):
    stack = filled(policy)
    now = summary(stack)
    assert now == replayed(stack, now["as_of"])
    for until in ("2024-10-08T00:00:00+08:00", "2025-01-01T00:00:00+08:00", "2026-06-30T12:00:00.001+08:00"):
        assert summary(stack, "--as-of", until) == replayed(stack, until)


def test_a_deadline_counts_though_no_timer_has_fired(make_stack):
    """A minute past the deadline of simple tickets; an hour's grace holds their timers."""
    stack = make_stack(start="2024-10-17T00:01:00+08:00", grace=3600)
    stack.spawn(), stack.spawn("sla")
    stack.produce([received("S%d" % i, simple=True, unit="u%d" % (i % 3)) for i in range(30)] + [received("G1"), received("G2", unit="")])
    stack.settled()
    now = summary(stack)
    assert now["total"]["missed"] == 30 and now["total"]["open_overdue"] == 30 and now["total"]["open"] == 32
    assert now == replayed(stack, now["as_of"])
    for until in ("2024-10-17T00:00:00+08:00", "2024-10-17T00:00:00.001+08:00", "2190-01-01T00:00:00+08:00"):
        assert summary(stack, "--as-of", until) == replayed(stack, until)
    assert summary(stack, "--as-of", "2190-01-01T00:00:00+08:00")["total"]["missed"] == 32


def test_days_and_units(filled):
    stack = filled()
    whole = summary(stack, "--as-of", "2190-01-01T00:00:00+08:00")
    first = summary(stack, "--as-of", "2190-01-01T00:00:00+08:00", "--to", "2025-01-01")
    second = summary(stack, "--as-of", "2190-01-01T00:00:00+08:00", "--from", "2025-01-01")
    for name in ("received", "answered", "missed", "called_back", "bad_reviews"):
        assert whole["total"][name] == first["total"][name] + second["total"][name]
    assert (second["from"], second["to"]) == ("2025-01-01", None)
    unit = whole["units"][-1]
    only = summary(stack, "--as-of", "2190-01-01T00:00:00+08:00", "--unit", unit["unit"])
    assert only["units"] == [unit] and only["total"]["received"] == unit["received"]


def test_a_table_for_people(filled):
    stack = filled()
    table = stack.run("report", "summary", "--table").stdout.decode()
    assert "total 合计" in table and "受理" in table
    assert json.loads(stack.run("report", "summary").stdout)["total"]


def test_an_empty_store_has_figures_of_nothing(make_stack):
    stack = make_stack()
    empty = summary(stack)
    assert empty["units"] == [] and empty["total"]["received"] == 0 and empty["total"]["in_time_rate"] is None
    stack.spawn()
    wait_for("a start", lambda: stack.redis.client.exists("bihuan:meta"))
    assert summary(stack)["total"]["received"] == 0


def test_wrong_questions(make_stack):
    stack = make_stack()
    for options in (("--from", "2024-13-01"), ("--to", "yesterday"), ("--as-of", "2024-10-01"), ("--nonsense",), ("--json", "--table")):
        assert stack.run("report", "summary", *options, good=(2,)).stderr
