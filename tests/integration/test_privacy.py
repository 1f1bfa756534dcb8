"""No citizen's identity beyond ingest: not in Redis, its files, any log, or the masked looks."""
import json

import pytest

from harness import event, received

NAME, PHONE, ID_NO = "欧阳震华", "13987654321", "310112198812123457"
TEXT, ADDRESS, REASON = "厨房漏水三年没人管", "莲花南路1234弄56号789室", "住户坚持要求当面道歉"
SECRETS = (NAME, PHONE, ID_NO, TEXT, ADDRESS, REASON)
CITIZEN = {"name": NAME, "phone": PHONE, "id_no": ID_NO}
KEY = "a key of at least sixteen bytes"
WHOLE = "%s %s %s" % (NAME, PHONE, ID_NO)


def spellings(secret):
    """As it may lie in a file: UTF-8, JSON's escapes, full-width digits, GBK."""
    wide = secret.translate({ord("0") + i: 0xff10 + i for i in range(10)})
    return {secret.encode(), json.dumps(secret)[1:-1].encode(), wide.encode(), secret.encode("gbk")}


def check_clean(what, data):
    for secret in SECRETS:
        for spelling in spellings(secret):
            at = data.find(spelling)
            assert at < 0, "%s holds %s: …%r…" % (what, secret, data[max(0, at - 80):at + 80])


def redis_contents(client):
    """Every key and all it holds, as bytes."""
    read = {b"hash": client.hgetall, b"string": client.get, b"set": client.smembers, b"zset": lambda key: client.zrange(key, 0, -1),
            b"list": lambda key: client.lrange(key, 0, -1)}
    return b"\n".join(key + b" " + repr(read[client.type(key)](key)).encode() + b"".join(flat(read[client.type(key)](key))) for key in client.keys("*"))


def flat(value):
    if isinstance(value, dict):
        return [part for pair in value.items() for part in pair]
    return [value] if isinstance(value, bytes) else list(value)


def good_events():
    private = dict(citizen=CITIZEN, text=TEXT, address=ADDRESS)
    odd = ["%s的投诉" % NAME, "请回电%s" % PHONE, "身份证%s" % ID_NO, "电话 139-8765-4321 或 139 8765 4321", "电话１３９８７６５４３２１",
           "市民%s，%s，%s" % (NAME, PHONE, ID_NO), "欧 阳 震 华来电", "139\u200b8765\u200b4321", "139.8765.4321", "(139)87654321", "+86 139 8765 4321",
           "电话:1398765 4321", "310112 19881212 3457"]
    lines = [received("T%d" % i, title=title, **private) for i, title in enumerate(odd)]
    reason = {"reason": REASON + WHOLE}
    moment = lambda n: "2024-10-15T10:%02d:00+08:00" % n
    for n, kind in enumerate(["returned", "suspended", "resumed", "extension_refused", "urged", "supervised"]):
        lines.append(event("T0", "ticket." + kind, moment(n), reason))
    lines += [event("T0", "ticket.amended", moment(20), dict(title="请回电%s" % PHONE, text=TEXT, address=ADDRESS)),
              event("T0", "ticket.extension_requested", moment(21), dict(days=2, **reason)),
              event("T0", "ticket.answered", moment(22), dict(text=TEXT + WHOLE, outcome="solved")),
              event("T0", "ticket.closed", moment(23), reason),
              event("T0", "ticket.reopened", moment(24), reason),
              event("T0", "ticket.voided", moment(25), reason),
              event("R1", "rating.submitted", moment(26), dict(satisfaction=1, text=TEXT + WHOLE, citizen=CITIZEN, case="T1", named=True, unit="wuye", reasons=[REASON])),
              event("R1", "rating.appealed", moment(27), dict(text=TEXT + WHOLE, **reason)),
              event("R1", "rating.rectified", moment(28), dict(text=TEXT + WHOLE, **reason))]
    return lines


def bad_events():
    """Wrong in one thing each, and the citizen in many places."""
    private = dict(citizen=CITIZEN, text=TEXT, address=ADDRESS, title=WHOLE)
    good = received("BAD", **private)
    return [good[:-1], good[:-1] + b',"type":"x"}', good + b"x", good.replace("震".encode(), b"\xff"), good.replace(b'"13987654321"', b"13987654321"),
            received("BAD", **dict(private, citizen=WHOLE)), received("BAD", **dict(private, citizen=dict(CITIZEN, name=[NAME]))),
            received("BAD", **dict(private, citizen=dict(CITIZEN, phone=int(PHONE)))), received("BAD", **dict(private, title=[WHOLE])),
            received("BAD", **dict(private, text={WHOLE: WHOLE})), received("BAD", **dict(private, address=int(ID_NO))),
            event("BAD", "ticket.answered", "2024-10-15T09:00:00+08:00", {"text": int(PHONE)}),
            event("BAD", "ticket.closed", "2024-10-15T09:00:00+08:00", {"reason": [REASON, WHOLE]}),
            event("BAD", "rating.submitted", "2024-10-15T09:00:00+08:00", {"satisfaction": 9, "citizen": CITIZEN, "reasons": [REASON, int(PHONE)]}),
            json.dumps(CITIZEN, ensure_ascii=False).encode(), ("%s %s" % (NAME, PHONE)).encode(), WHOLE.encode("gbk"),
            received("BAD", time="tomorrow", **private), b"[" + good + b"]", b"\xef\xbb\xbf" + good]


@pytest.fixture(params=[True, False], ids=["with a key", "without"])
def told(request, make_stack):
    """A stack whose log level is debug and that has been told all this."""
    stack = make_stack(sections={"log": {"level": "debug"}}, fsync="always")
    if request.param:
        (stack.dir / "citizen.key").write_text(KEY)
        (stack.dir / "citizen.key").chmod(0o600)
        stack.sections["privacy"] = {"key_file": stack.dir / "citizen.key", "key_id": "k1"}
        stack.config = stack.configure("bihuan.ini")
    stack.spawn()
    stack.spawn("sla")
    stack.produce(good_events() + bad_events())
    stack.settled()
    counted = stack.status()
    assert sum(row["dead_letters"] for row in counted.values()) == len(bad_events())
    return stack


def test_no_citizen_is_found_in_redis_its_files_or_any_log(told):
    check_clean("Redis", redis_contents(told.redis.client))
    files = [path for path in (told.redis.dir / "appendonlydir").iterdir()]
    assert any(path.stat().st_size > 1000 for path in files)
    for path in files:
        check_clean(path.name, path.read_bytes())
    for name, process in told.processes.items():
        check_clean("the log of " + name, process.log.read_bytes())


def test_no_citizen_is_found_in_what_the_commands_print(told):
    for program, verb, *arguments in (("ingest", "dlq"), ("ingest", "dlq", "--json"), ("ingest", "status"), ("sla", "dump"), ("sla", "cases"),
                                      ("sla", "case", "T0"), ("sla", "case", "T0", "--json"), ("sla", "case", "R1", "--json"), ("ingest", "dlq", "replay")):
        done = told.run(program, verb, *arguments)
        check_clean("%s %s" % (verb, arguments), done.stdout + done.stderr)
    done = told.run("sla", "replay", "--json", told.history_file(), good=(1,))
    check_clean("replay", done.stdout + done.stderr)


def test_reasons_of_dead_letters_name_no_citizen_and_raw_shows_all(told):
    reasons = b"\n".join(headers["dlq-reason"] for _, headers in told.dead_letters())
    check_clean("the reasons", reasons)
    raw = told.run("ingest", "dlq", "--raw").stdout
    assert NAME.encode() in raw and PHONE.encode() in raw


def test_a_reason_that_is_no_list_is_not_shown(stack):
    """Reasons of a rating are codes, but a platform may write there what the citizen said."""
    stack.spawn()
    stack.produce([event("R", "rating.submitted", "2024-10-15T09:00:00+08:00", {"satisfaction": 5, "reasons": REASON})])
    stack.settled()
    shown = stack.run("ingest", "dlq").stdout
    assert b"data.reasons" in shown
    check_clean("dlq", shown)


def test_an_amendment_that_names_its_citizen_has_a_scrubbed_title(stack):
    """The amendment's citizen is no field of it, yet it is one of this event's own citizen strings."""
    stack.spawn()
    stack.produce([received("A", title="电梯故障"), event("A", "ticket.amended", "2024-10-15T10:00:00+08:00", {"title": WHOLE, "citizen": CITIZEN})])
    stack.settled()
    check_clean("Redis", redis_contents(stack.redis.client))


def test_one_person_is_one_hash_under_one_key(make_stack):
    """Repeat appeals are linked, however the number is written; people are told apart."""
    stack = make_stack()
    (stack.dir / "citizen.key").write_text(KEY)
    (stack.dir / "citizen.key").chmod(0o600)
    stack.sections["privacy"] = {"key_file": stack.dir / "citizen.key", "key_id": "k1"}
    stack.config = stack.configure("bihuan.ini")
    stack.spawn()
    people = [{"phone": PHONE}, {"phone": "139-8765-4321"}, {"phone": "+86 13987654321"}, {"phone": "１３９８７６５４３２１"}, {"phone": "13987654322"}, {"name": NAME}]
    stack.produce(received("P%d" % i, citizen=citizen) for i, citizen in enumerate(people))
    stack.settled()
    blobs = {}
    for rows in stack.hashes("case"):
        blobs.update({name.decode(): blob for name, blob in rows.items()})
    hashes = [blobs["tP%d" % i].partition(b"k1:")[2][:22] for i in range(len(people))]
    assert len(set(hashes[:4])) == 1 and len(hashes[0]) == 22 and hashes[4] not in (hashes[0], b"")
    check_clean("the cases", b"".join(blobs.values()))
