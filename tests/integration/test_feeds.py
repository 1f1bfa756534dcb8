"""Files into Kafka: canonical lines, and the two platforms whose mappings ship."""
import json

from harness import TOP, event, lines_of, received

MESSAGES = """msg_id,user_no,open,replied
1,u1,2024-09-30T10:15:00,2024-10-08T09:00:00
2,u2,2024-09-30T10:16:00,-
3,u1,2024-09-31T10:16:00,-
4,"u,4",2024-10-01T00:00:00,
5,u5,2024-10-01 00:00:00,
6,u6,,2024-10-08T09:00:00
7,u7,2024-10-09T08:00:00,2024-10-09T08:00:01
"""
CASES_COLUMNS = "case_id,open,source,property,event_type,main_type,sub_type,street,community,unit_id,unit,archived_in_time"
CASES = CASES_COLUMNS + """
11,2020-05-06T07:08:09,12345,投诉,市容,市容环卫,乱摆卖,坪山街道,六和社区,77,坪山街道办,1
12,2020-05-06T07:08:10,微信,感谢,市容,市容环卫,,坪山街道,,77,坪山街道办,0
13,2020-05-06T07:08:11,微信,,,,,,,,,
14,2020-05-06T07:08:12,微信,大喊,市容,,,,,,,
15,2020-05-06T07:08:13,"微
信",咨询,"市""容",,,"坪山,街道",x,78,y,1
"""


def write(stack, name, text):
    path = stack.dir / name
    path.write_bytes(text.encode())
    return path


def mapped(stack, mapping, path, good):
    done = stack.run("ingest", "map", "--mapping", mapping, path, good=(good,))
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr.decode()


def check_feed(stack, mapping, path, events, rows, bad_rows):
    """What feed sends is what map prints, and it says so in numbers; all of it is applied."""
    done = stack.run("ingest", "feed", "--mapping", mapping, path, good=(1 if bad_rows else 0,))
    said = done.stderr.decode()
    assert done.stdout == b""
    assert "%d acknowledged" % len(events) in said and "%d rows" % rows in said and "%d of them not mapped" % bad_rows in said
    stack.note([json.dumps(one, ensure_ascii=False).encode() for one in events],
               [stack.topics["ratings" if one["type"].startswith("rating") else "tickets"] for one in events])
    stack.spawn()
    stack.check("2025-01-01T00:00:00+08:00")
    assert sum(row["applied"] for row in stack.status().values()) == len(events)
    stack.run("ingest", "feed", "--mapping", mapping, path, good=(1 if bad_rows else 0,))
    stack.settled()
    counted = [sum(row[name] for row in stack.status().values()) for name in ("applied", "duplicates", "dead_letters")]
    assert counted == [len(events), len(events), 0]


def test_messages_and_replies_become_events(stack):
    path = write(stack, "messages.csv", MESSAGES)
    events, said = mapped(stack, "messages-replies", path, 1)
    assert [(one["type"], one["subject"]) for one in events] == [
        ("ticket.received", "MSG1"), ("ticket.answered", "MSG1"), ("ticket.received", "MSG2"), ("ticket.received", "MSG4"), ("ticket.received", "MSG7"),
        ("ticket.answered", "MSG7")]
    assert events[0]["time"] == "2024-09-30T10:15:00+08:00" and events[0]["data"]["kind"] == "other"
    assert "u1" not in json.dumps(events)
    for line in (4, 6, 7):
        assert "messages.csv:%d: " % line in said
    assert said.count("messages.csv:") == 3
    check_feed(stack, "messages-replies", path, events, 7, 3)


def test_cases_of_a_district_become_events(stack):
    path = write(stack, "cases.csv", CASES)
    events, said = mapped(stack, "pingshan-cases", path, 1)
    assert [one["subject"] for one in events] == ["PS11", "PS12", "PS13", "PS15"]
    assert events[0]["data"] == {"channel": "12345", "kind": "complaint", "item": "市容环卫/乱摆卖", "area": "坪山街道", "unit": "77", "address": "坪山街道六和社区"}
    assert events[1]["data"]["kind"] == "praise" and events[1]["data"]["item"] == "市容环卫" and events[1]["data"]["address"] == "坪山街道"
    assert events[2]["data"] == {"channel": "微信", "kind": "other"}
    assert events[3]["data"]["channel"] == "微\n信" and events[3]["data"]["item"] == '市"容' and events[3]["data"]["area"] == "坪山,街道"
    assert "cases.csv:5: " in said and "大喊" in said and said.count("cases.csv:") == 1
    check_feed(stack, "pingshan-cases", path, events, 5, 1)


def test_a_file_without_a_fault_exits_0_whatever_its_ends_of_line(stack):
    for ends in ("\n", "\r\n"):
        text = "msg_id,user_no,open,replied\n1,u,2024-09-30T10:15:00,-\n2,u,2024-09-30T10:15:00,-".replace("\n", ends)
        events, said = mapped(stack, "messages-replies", write(stack, "m.csv", text), 0)
        assert len(events) == 2 and not said


def test_a_file_with_other_columns_is_refused(stack):
    done = stack.run("ingest", "map", "--mapping", "messages-replies", write(stack, "other.csv", "a,b\n1,2\n"), good=None)
    assert done.returncode == 1 and done.stdout == b"" and b"other.csv:" in done.stderr


def test_a_quote_that_is_never_closed_takes_no_more_than_its_own_rows(stack):
    text = 'msg_id,user_no,open,replied\n1,"u,2024-09-30T10:15:00,-\n' + "".join("%d,u,2024-09-30T10:15:00,-\n" % i for i in range(2, 50000))
    done = stack.run("ingest", "map", "--mapping", "messages-replies", write(stack, "open.csv", text), good=None)
    assert done.returncode == 1 and b"open.csv:2: " in done.stderr


def test_the_worked_example_of_the_manual_holds(stack):
    """ingest/EVENTS.md: its mapping, its file, its output."""
    blocks = (TOP / "ingest/EVENTS.md").read_text().split("### Worked example")[1].split("```")
    table, mapping, session = blocks[1].strip("\n"), blocks[3].partition("\n")[2], blocks[5].strip("\n").splitlines()
    write(stack, "complaints.csv", table + "\n")
    done = stack.run("ingest", "map", "--mapping", write(stack, "complaints.json", mapping), stack.dir / "complaints.csv", good=(1,))
    assert done.stdout.decode().splitlines() == session[1:4]
    assert done.stderr.decode().strip().endswith(session[4]), done.stderr.decode()


def test_canonical_lines_go_as_they_are_to_their_topics(stack):
    lines = [received("A"), event("R", "rating.submitted", "2024-10-15T09:00:00+08:00", {"satisfaction": 4}), b"no event", b'{"type":"rating.eaten","subject":"Q"}',
             b'[1,2]', b"\xff\xfe", received("B") + b" "]
    path = stack.dir / "lines.jsonl"
    path.write_bytes(b"\n\n".join(lines[:3]) + b"\r\n \t\n" + b"\n".join(lines[3:]))
    done = stack.run("ingest", "feed", path)
    assert b"7 acknowledged, 0 failed" in done.stderr and done.stdout == b""
    messages = {name: stack.kafka.read(stack.topics[name]) for name in ("tickets", "ratings")}
    assert sorted(message.value().strip() for message in messages["ratings"]) == sorted([lines[1], lines[3]])
    assert sorted(message.value().strip() for message in messages["tickets"]) == sorted(line.strip() for line in lines if line not in (lines[1], lines[3]))
    assert {message.value(): message.key() for message in messages["tickets"]}[lines[0]] == b"A"
    assert {message.key() for message in messages["ratings"]} == {b"R", b"Q"}
    stack.spawn()
    stack.settled()
    counted = [sum(row[name] for row in stack.status().values()) for name in ("applied", "duplicates", "dead_letters")]
    assert counted == [3, 0, 4]


def test_a_feed_from_stdin_and_from_several_files_adds_up(stack, town):
    lines = town(3000)
    first, second = write(stack, "1.jsonl", ""), stack.dir / "2.jsonl"
    first.write_bytes(b"\n".join(lines[:1000]) + b"\n")
    second.write_bytes(b"\n".join(lines[1000:2000]))
    assert b"2000 acknowledged, 0 failed" in stack.run("ingest", "feed", first, second).stderr
    assert b"1000 acknowledged, 0 failed" in stack.run("ingest", "feed", "-", stdin=b"\n".join(lines[2000:])).stderr
    stack.note(lines, [stack.topic_of(line)[0] for line in lines])
    stack.spawn()
    stack.check("2025-01-01T00:00:00+08:00")


def test_a_file_that_is_not_there_fails_and_the_others_are_sent(stack):
    path = write(stack, "there.jsonl", received("A").decode() + "\n")
    done = stack.run("ingest", "feed", stack.dir / "nowhere.jsonl", path, good=(1,))
    assert b"nowhere.jsonl" in done.stderr and b"1 acknowledged" in done.stderr
    assert len(lines_of(path)) == len(stack.kafka.read(stack.topics["tickets"]))
