"""The verbs as a user meets them: statuses, streams, options, bad configuration."""
import json
import re
import signal
import subprocess

import pytest

from harness import BUILD, TOP, Stack, event, received, wait_for

PROGRAMS = {"ingest": ["run", "feed", "map", "dlq", "accept-gap", "status", "check"],
            "sla": ["run", "explain", "replay", "case", "cases", "dump", "check"]}
UNTIL = "2024-10-20T00:00:00+08:00"


def call(program, *arguments, stdin=b""):
    return subprocess.run([BUILD / ("bihuan-" + program), *map(str, arguments)], cwd=TOP, input=stdin, capture_output=True, timeout=60)


# --- usage ---

@pytest.mark.parametrize("program, arguments", [
    ("ingest", []), ("sla", []), ("ingest", ["eat"]), ("sla", ["eat"]), ("ingest", ["run", "--eat"]), ("sla", ["run", "more"]), ("sla", ["case"]),
    ("sla", ["case", "A", "B"]), ("sla", ["cases", "--state", "asleep"]), ("sla", ["cases", "--unit"]), ("sla", ["dump", "--until", "yesterday"]),
    ("sla", ["dump", "--until", "2024-10-15T00:00:00"]), ("sla", ["replay"]), ("sla", ["replay", "--until", "x", "-"]), ("sla", ["explain"]),
    ("sla", ["explain", "--received", "2024-10-15T00:00:00+08:00"]), ("ingest", ["map", "file"]), ("ingest", ["map", "--mapping", "nowhere", "file"]), ("ingest", ["feed"]),
    ("ingest", ["dlq", "eat"]), ("ingest", ["accept-gap", "t"]), ("ingest", ["accept-gap", "t", "x"]), ("ingest", ["accept-gap", "t", "-1"]),
    ("ingest", ["status", "more"]), ("ingest", ["run", "--config"]), ("ingest", ["run", "--config", "/nowhere.ini"]), ("sla", ["dump", "--config", "/nowhere.ini"]),
], ids=lambda value: " ".join(value) if isinstance(value, list) else value)
def test_wrong_usage_ends_with_2_and_says_why_on_stderr(program, arguments):
    done = call(program, *arguments)
    assert done.returncode == 2 and done.stdout == b"" and done.stderr.strip()


def test_help_and_version_are_data():
    for program, verbs in PROGRAMS.items():
        for arguments in (["--help"], ["--version"], *([verb, "--help"] for verb in verbs)):
            done = call(program, *arguments)
            assert done.returncode == 0 and done.stderr == b"" and b"bihuan-" + program.encode() in done.stdout, arguments
        help_text = call(program, "--help").stdout.decode()
        assert all(verb in help_text for verb in verbs)


# --- configuration ---

BAD = {
    "an unknown option": ("[sla]\nshard = 4\n", ["shard"]),
    "an unknown section": ("[slo]\n", ["slo"]),
    "out of bounds": ("[sla]\nshards = 1025\n", ["shards"]),
    "no number": ("[sla]\ngrace = soon\n", ["grace"]),
    "twice": ("[sla]\nshards = 4\nshards = 4\n", ["shards"]),
    "a property that is ours": ("[kafka]\ngroup.id = x\nenable.auto.commit = true\nauto.offset.reset = latest\nacks = 0\n",
                                ["group.id", "enable.auto.commit", "auto.offset.reset", "acks"]),
    "no property": ("[kafka]\nbootstrap.server = x\n", ["bootstrap.server"]),
    "a property's value": ("[kafka]\nsecurity.protocol = plain\n", ["security.protocol"]),
    "the same topic twice": ("[topics]\ntickets = a\nratings = a\n", ["ratings"]),
    "no zone": ({"sla": {"zone": "Asia/Meilong"}}, ["zone"]),
    "no policy": ({"sla": {"policy": "/nowhere.json"}}, ["/nowhere.json"]),
    "no calendar": ({"sla": {"calendar": "/nowhere.json"}}, ["/nowhere.json"]),
    "a policy that is no JSON": ({"sla": {"policy": "Makefile"}}, ["Makefile"]),
    "scaled without a start": ("[clock]\nmode = scaled\nspeed = 5\n", ["start"]),
    "no key": ({"privacy": {"key_file": "/nowhere.key"}}, ["key"]),
    "no equals sign": ("[sla]\nshards 4\n", [":2"]),
    "many faults": ("[sla]\nshards = 0\ngrace = -1\ncolour = red\n[redis]\ntimeout = 0\n[ingest]\nbatch_ms = 0\n", ["shards", "grace", "colour", "timeout", "batch_ms"]),
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory, kafka):
    """A stack without daemons, for what leaves it as it is."""
    with Stack(tmp_path_factory.mktemp("shared"), kafka) as made:
        yield made


@pytest.mark.parametrize("name", BAD)
def test_a_bad_configuration_does_not_start_and_check_names_its_faults(shared, name):
    text, named = BAD[name]
    path = shared.configure("bad.ini", **(text if isinstance(text, dict) else {}))
    if isinstance(text, str):
        path.write_text(text)
    for program, verb in (("ingest", "check"), ("sla", "check"), ("ingest", "run"), ("sla", "run")):
        if name == "no key" and program == "sla":
            continue         # ingest alone reads it
        done = call(program, verb, "--config", path)
        said = done.stderr.decode()
        assert done.returncode == 2, (program, verb, said)
        assert done.stdout == b""
        missing = [word for word in named if word not in said]
        assert not missing, (program, verb, said)


def test_check_says_good_of_a_good_installation(shared):
    for program in PROGRAMS:
        done = shared.run(program, "check")
        assert b"good" in done.stdout


def test_check_names_servers_and_topics_that_are_not_there(shared):
    nowhere = shared.configure("nowhere.ini", kafka={"bootstrap.servers": "127.0.0.1:1"}, redis={"address": shared.dir / "no.sock"})
    done = shared.run("ingest", "check", config=nowhere, good=(2,))
    assert b"127.0.0.1:1" in done.stderr and b"redis" in done.stderr and done.stderr.count(b"fault: ") >= 2
    assert b"redis" in shared.run("sla", "check", config=nowhere, good=(2,)).stderr
    missing = shared.configure("missing.ini", topics=dict(shared.topics, tickets="none.such", dlq="nor.this"))
    done = shared.run("ingest", "check", config=missing, good=(2,))
    assert b"none.such" in done.stderr and b"nor.this" in done.stderr


def test_check_names_a_redis_that_would_evict(stack):
    stack.redis.client.config_set("maxmemory-policy", "allkeys-lru")
    for program in PROGRAMS:
        assert b"maxmemory-policy" in stack.run(program, "check", good=(2,)).stderr
        done = call(program, "run", "--config", stack.config)
        assert done.returncode != 0 and b"maxmemory-policy" in done.stderr


def test_another_zone_or_other_shards_than_the_data_has_are_refused(stack):
    stack.spawn()
    stack.produce([received("A")])
    stack.settled()
    stack.stop()
    changes = [{"shards": stack.shards + 1}, {"zone": "Asia/Tokyo"}]
    for number, change in enumerate(changes):
        config = stack.configure("other%d.ini" % number, sla=change)
        for program, verb in (("ingest", "run"), ("sla", "run"), ("sla", "dump"), ("ingest", "status")):
            done = stack.run(program, verb, config=config, good=None)
            assert done.returncode in (1, 2) and done.stdout == b"" and done.stderr, (change, program, verb)
    dump = stack.dump(UNTIL)
    assert len(dump) == 1
    config = stack.configure("proposal.ini", sla={"policy": TOP / "conf/policy/shanghai-street-2018.json"})    # a file is a proposal
    assert stack.run("sla", "dump", "--json", "--until", UNTIL, config=config).stdout.splitlines() == dump


def test_commands_say_that_a_server_is_away(shared):
    nowhere = shared.configure("nowhere.ini", kafka={"bootstrap.servers": "127.0.0.1:1", "message.timeout.ms": 1000, "socket.timeout.ms": 1000},
                              redis={"address": shared.dir / "no.sock"})
    path = shared.dir / "a.jsonl"
    path.write_bytes(received("A") + b"\n")
    for program, *command in (("sla", "dump"), ("sla", "cases"), ("sla", "case", "A"), ("ingest", "status"), ("ingest", "feed", path)):
        done = shared.run(program, *command, config=nowhere, good=(1,))
        assert done.stdout == b"" and done.stderr, command


# --- looking at cases ---

@pytest.fixture
def filled(make_stack):
    stack = make_stack(start="2024-10-18T09:00:00+08:00")
    stack.spawn()
    at = lambda day, hour: "2024-10-%02dT%02d:00:00+08:00" % (day, hour)
    stack.produce([received("OPEN", at(17, 9), unit="wuye", title="小区电梯故障"), received("OVER", at(10, 9), unit="wuye", simple=True),
                   received("DONE", at(10, 10), unit="gongan"), event("DONE", "ticket.answered", at(11, 9), {"outcome": "solved"}),
                   received("BOTH", at(17, 9), unit="a"), event("BOTH", "rating.submitted", at(17, 11), {"satisfaction": 1, "unit": "b"}),
                   event("EARLY", "ticket.urged", at(17, 9))])
    stack.settled()
    return stack


def names(cases):
    return [(case["case"], case["of"]) for case in cases]


def test_cases_lists_by_state_and_unit(filled):
    every = filled.json("sla", "cases")
    assert names(every) == [("BOTH", "ticket"), ("BOTH", "rating"), ("DONE", "ticket"), ("EARLY", "ticket"), ("OPEN", "ticket"), ("OVER", "ticket")]
    assert names(filled.json("sla", "cases", "--state", "overdue")) == [("OVER", "ticket")]
    assert ("DONE", "ticket") in names(filled.json("sla", "cases", "--state", "closed"))
    opened = names(filled.json("sla", "cases", "--state", "open"))
    assert {("OPEN", "ticket"), ("OVER", "ticket"), ("BOTH", "ticket"), ("BOTH", "rating")} <= set(opened) and ("DONE", "ticket") not in opened
    assert names(filled.json("sla", "cases", "--unit", "wuye")) == [("OPEN", "ticket"), ("OVER", "ticket")]
    assert names(filled.json("sla", "cases", "--unit", "wuye", "--state", "overdue")) == [("OVER", "ticket")]
    assert filled.json("sla", "cases", "--unit", "nobody") == []
    table = filled.run("sla", "cases").stdout.decode().splitlines()
    assert all(any(re.search(r"\b%s\b" % name, row) for row in table) for name in ("OPEN", "OVER", "DONE", "BOTH", "EARLY"))


def test_case_shows_one_case_with_its_history(filled):
    shown = filled.json("sla", "case", "DONE")
    assert len(shown) == 1 and shown[0]["state"] == "answered"
    assert [step["type"] for step in shown[0]["history"]] == ["ticket.received", "ticket.answered"]
    same = [case for case in map(json.loads, filled.dump("2024-10-18T09:30:00+08:00")) if case["case"] == "DONE"][0]
    assert {name: shown[0][name] for name in same} == same
    assert names(filled.json("sla", "case", "BOTH")) == [("BOTH", "ticket"), ("BOTH", "rating")]
    people = filled.run("sla", "case", "OPEN").stdout.decode()
    assert "小区电梯故障" in people and "2024-10-25" in people
    done = filled.run("sla", "case", "NOWHERE", good=(1,))
    assert done.stdout == b"" and b"NOWHERE" in done.stderr


def test_dump_writes_nothing_and_needs_no_daemon(filled):
    filled.stop()
    before = {key: filled.redis.client.dump(key) for key in filled.redis.client.keys("*")}
    for until in ("2000-01-01T00:00:00+08:00", UNTIL, "2199-12-31T23:59:59.999+08:00"):
        assert filled.run("sla", "dump", "--until", until).stderr == b""
        filled.check_same(until)
    for program, verb in (("sla", "dump"), ("sla", "cases"), ("ingest", "status"), ("ingest", "dlq"), ("sla", "check"), ("ingest", "check")):
        filled.run(program, verb)
    assert {key: filled.redis.client.dump(key) for key in filled.redis.client.keys("*")} == before


def test_reading_commands_leave_an_empty_redis_empty(stack):
    assert stack.dump(UNTIL) == [] and stack.json("sla", "cases") == [] and stack.json("ingest", "status") == []
    assert stack.redis.client.keys("*") == []


def test_output_into_a_closed_pipe_is_no_success(filled):
    done = subprocess.run("%s dump --config %s --json > /dev/full" % (BUILD / "bihuan-sla", filled.config), shell=True, cwd=TOP, capture_output=True)
    assert done.returncode == 1 and done.stderr


def test_explain_answers_each_line_in_order():
    questions = [{"received": "2024-09-30T10:15:00+08:00", "class": "general"}, {"received": "no", "class": "general"}, {"received": "2024-09-30T10:15:00+08:00", "class": "rating"}]
    done = call("sla", "explain", "-", "--json", stdin=b"\n".join(json.dumps(question).encode() for question in questions) + b"\n")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1 and len(answers) == 3
    assert answers[0]["deadline"] == "2024-10-13T00:00:00+08:00" and answers[0]["last_day"] == "2024-10-12"
    assert list(answers[1]) == list(answers[2]) == ["error"]


def test_replay_names_bad_lines_by_file_and_number(stack):
    path = stack.dir / "x.jsonl"
    path.write_bytes(received("A") + b"\n\nbad\n" + received("B") + b"\n{}\n")
    done = call("sla", "replay", "--json", path)
    assert done.returncode == 1 and len(done.stdout.splitlines()) == 2
    assert [line.split(b": ")[0] for line in done.stderr.splitlines() if b".jsonl:" in line] == [b"%s:3" % bytes(path), b"%s:5" % bytes(path)]
    done = call("sla", "replay", "--json", "-", stdin=b"bad\n")
    assert done.returncode == 1 and done.stderr.startswith(b"-:1: ")


def test_a_daemon_ends_at_the_second_sigterm_whatever_hangs(make_stack):
    stack = make_stack(sections={"ingest": {"instance": "only"}})
    stack.spawn()
    stack.produce([received("A")])
    stack.settled()
    stack.redis.process.signal(signal.SIGSTOP)
    stack.produce([received("B")])
    process = stack.processes["ingest"]
    wait_for("it has noticed", lambda: "lost" in process.text())
    process.signal(signal.SIGTERM)

    def ended():
        """Signals that come while one waits are one, hence again and again."""
        process.signal(signal.SIGTERM)
        return not process.alive()
    wait_for("it ends", ended, 20)
    stack.processes.clear()
    stack.redis.process.signal(signal.SIGCONT)
    stack.spawn()
    stack.check(UNTIL)


def test_a_reload_of_a_bad_configuration_keeps_the_old_one(stack):
    stack.spawn()
    stack.spawn("sla")
    good = stack.config.read_text()
    stack.config.write_text("[nonsense]\n")
    for process in stack.processes.values():
        process.signal(signal.SIGHUP)
    stack.produce([received("A")])
    stack.settled()
    stack.config.write_text(good)
    stack.check(UNTIL)


def test_check_warns_of_topics_that_forget_too_soon(make_stack):
    stack = make_stack(topic_config={"retention.ms": str(7 * 86400000)})
    done = stack.run("ingest", "check")
    assert b"warning: kafka: topic %s keeps its records for 7 days" % stack.topics["tickets"].encode() in done.stderr
    stack.kafka.configure(stack.topics["tickets"], **{"retention.ms": "-1"})
    wait_for("it is taken back", lambda: stack.topics["tickets"].encode() not in stack.run("ingest", "check").stderr)
