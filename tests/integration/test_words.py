"""Notices in words: what `render` shows of a case, read by parsers that are not ours."""
import datetime
import email
import email.policy
import html.parser
import json
import shutil

import icalendar
import pytest

from conftest import BROKER_TOPICS
from harness import TOP, Stack, event, received
from services import Certificates, MailServer, Service
from test_notify import SECRET, Sink

NOW = "2026-10-09T14:30:00+08:00"      # five working days from 2026-09-28 end with 10-10: 10-01 to 10-07 are holidays, 10-10 is worked
TITLE = "</td><script>alert(1)</script> [x](http://evil.example.cn/) <@all> \"电梯\", 故障; \\ & 😀 " + "长" * 20
VOID = {"meta", "br", "img", "hr"}


class Page(html.parser.HTMLParser):
    """Reads a page strictly: tags that are known, each closed where it should be."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.links, self.text = [], [], [], ""
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name == "href"]
        assert all(name in ("href", "style", "charset", "lang") for name, _ in attrs), attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def make_words(folder, broker):
    """A stack with the ticket S1 in it, dispatched to wuye."""
    made = []

    def make(notify=None, policy="meilong-2024"):
        sections = {"notify": dict({"case_link": "https://platform.example.cn/case/{{of}}?id={{case}}"}, **(notify or {}))}
        stack = Stack(folder / "s", broker, topics=BROKER_TOPICS, start=NOW, speed=1, sections=sections, policy=policy)
        made.append(stack)
        stack.spawn()
        stack.produce([received("S1", "2026-09-28T10:00:00+08:00", title=TITLE, unit="wuye"),
                       event("S 2/x", "ticket.received", "2026-09-22T10:00:00+08:00", {"kind": "complaint", "title": "逾期件"})])
        stack.settled()
        return stack
    yield make
    for stack in made:
        stack.close()


@pytest.fixture
def make_sink(folder):
    made = []

    def make():
        made.append(Sink(folder, "sink%d" % len(made)))
        return made[-1]
    yield make
    for sink in made:
        sink.process.end()


def test_render_shows_what_each_channel_would_send(make_words):
    stack = make_words()
    for channel in ("wecom", "dingtalk", "feishu", "email", "sms"):
        for language, left in (("zh", "1 个工作日 "), ("en", "1 working day ")):
            for form in ("markdown", "text"):
                message = stack.json("notify", "render", "--case", "S1", "--channel", channel, "--language", language, "--format", form)[0]
                assert message["channel"] == channel and left in message["body"] and "S1" in message["body"]
                assert "<@" not in message["body"] and "<script" not in message["body"] and "evil.example" not in message["body"]
                assert message["link"] == "https://platform.example.cn/case/ticket?id=S1"
                assert bool(message["html"]) == bool(message["calendar"]) == (channel == "email")
    shown = stack.run("notify", "render", "--case", "S1", "--channel", "wecom", "--step", "remind-2d").stdout.decode()
    assert shown.startswith("【办理提醒】工单 S1")
    envelope = stack.json("notify", "render", "S1")[0]
    assert envelope["type"] == "notice" and envelope["data"]["title"] == TITLE[:len(envelope["data"]["title"])]
    assert stack.json("notify", "render", "--case", "S1", "--channel", "webhook")[0]["type"] == "notice"
    late = stack.json("notify", "render", "--case", "S 2/x", "--channel", "wecom")[0]
    assert "已逾期 2 个工作日" in late["body"] and "未派单" in late["body"] and "id=S%202%2Fx" in late["link"]      # 8 and 9 October


def test_mail_is_good_html_with_a_calendar_entry(make_words):
    stack = make_words()
    for language in ("zh", "en"):
        message = stack.json("notify", "render", "--case", "S1", "--channel", "email", "--language", language)[0]
        page = Page(message["html"])
        assert "script" not in page.tags and page.links == ["https://platform.example.cn/case/ticket?id=S1"]
        assert "<script>alert(1)</script>" in page.text and "[x](" in page.text
        calendar = icalendar.Calendar.from_ical(message["calendar"])
        entry, = calendar.walk("VEVENT")
        alarm, = calendar.walk("VALARM")
        assert not calendar.errors and not entry.errors and not alarm.errors
        assert entry["DTSTART"].dt == datetime.date(2026, 10, 10) and entry["DTEND"].dt == datetime.date(2026, 10, 11)
        assert str(entry["SUMMARY"]) == message["subject"] and str(entry["URL"]) == message["link"]
        assert alarm["TRIGGER"].dt.isoformat() == "2026-10-10T01:00:00+00:00"
        assert all(len(line.encode()) <= 75 for line in message["calendar"].split("\r\n"))
    stack.produce([event("S1", "ticket.extension_granted", "2026-10-09T14:00:00+08:00", {"days": 1})])
    stack.settled()
    moved, = icalendar.Calendar.from_ical(stack.json("notify", "render", "--case", "S1", "--channel", "email")[0]["calendar"]).walk("VEVENT")
    assert moved["UID"] == entry["UID"] and moved["SEQUENCE"] >= entry["SEQUENCE"] and moved["DTSTART"].dt == datetime.date(2026, 10, 12)


def test_render_refuses_what_it_does_not_know(make_words):
    stack = make_words()
    for arguments in (["--case", "S1", "--channel", "pigeon"], ["--case", "S1", "--language", "fr"], ["--case", "S1", "--format", "html"], [], ["--case", "S1", "S1"]):
        assert stack.run("notify", "render", *arguments, good=(2,)).stderr
    assert b"no such case" in stack.run("notify", "render", "--case", "NONE", "--channel", "wecom", good=(1,)).stderr
    assert b"no clock of this case has that step" in stack.run("notify", "render", "--case", "S1", "--step", "x", good=(1,)).stderr


def test_a_city_overrides_one_file(make_words, folder):
    templates = folder / "templates"
    shutil.copytree(TOP / "conf/templates", templates)
    (templates / "zh/remind.wecom.md").write_text("本市:{{case}} {{left}}\n", encoding="utf-8")
    (templates / "zh/overdue.lead").write_text("过期了:{{case}}。\n", encoding="utf-8")
    (templates / "zh/remind-1d.sms").write_text("还有一天:{{case}}\n", encoding="utf-8")
    names = json.loads((templates / "zh/names.json").read_text(encoding="utf-8"))
    names["class"]["general"] = "普通件"
    (templates / "zh/names.json").write_text(json.dumps(names), encoding="utf-8")
    stack = make_words({"templates": templates})

    def body(*arguments):
        return stack.json("notify", "render", "--case", "S1", *arguments)[0]["body"]
    assert body("--channel", "wecom", "--step", "remind-2d").startswith("本市:S1 1 个工作日")
    assert "普通件" in body("--channel", "dingtalk", "--step", "remind-2d")
    assert body("--channel", "sms", "--step", "remind-1d") == "还有一天:S1"
    assert "还有一天" not in body("--channel", "sms", "--step", "remind-2d")
    assert "过期了:S1。" in body("--channel", "feishu", "--step", "overdue")


def test_check_says_every_fault_of_templates(make_words, folder):
    templates = folder / "templates"
    shutil.copytree(TOP / "conf/templates", templates)
    (templates / "zh/overdue.lead").write_text("a\n{{nmae}}\n{{#late}}\n", encoding="utf-8")
    (templates / "zh/remind.wecm.md").write_text("x", encoding="utf-8")
    (templates / "zh/remind.doc").write_text("x", encoding="utf-8")
    (templates / "zh/notice.sms").unlink()
    stack = make_words({"templates": templates, "case_link": "https://x.cn/{{id}}"})
    said = stack.run("notify", "check", good=(2, 1)).stderr.decode()
    for fault in ("zh/overdue.lead:2: unknown field \"nmae\"", "zh/overdue.lead:3: {{#late}} is not closed", "zh/remind.wecm.md: no such channel",
                  "zh/remind.doc: no such form", "zh/notice.sms: is missing", "[notify] case_link:1: unknown field \"id\""):
        assert said.count(fault) == 1, said
    needed = stack.configure("needed.ini", **{"endpoint robot": {"channel": "wecom", "url": "http://127.0.0.1:1/cgi-bin/webhook/send?key=x"}})
    assert stack.run("notify", "check", config=needed, good=(2, 1)).stderr.decode().count("zh/overdue.lead:2: unknown field") == 1
    assert "zh/overdue.lead:2" in stack.run("notify", "render", "--case", "S1", "--channel", "wecom", good=(2,)).stderr.decode()


def test_a_trial_goes_to_all_of_a_unit_and_is_recorded(make_words, make_sink, folder):
    sink = make_sink()
    secret = folder / "secret"
    secret.write_text(SECRET + "\n")
    secret.chmod(0o600)
    stack = make_words()
    nobody = stack.configure("nobody.ini")
    one = stack.configure("one.ini", **{"endpoint hook": {"url": sink.url, "secret_file": secret}})
    both = stack.configure("both.ini", **{"endpoint hook": {"url": sink.url, "secret_file": secret}, "endpoint dead": {"url": "http://127.0.0.1:1/", "roles": "leader"}})
    asked = stack.run("notify", "send", "--test", "wuye", config=one, good=(1,))
    assert b"endpoint (handler, leader, lead) through hook (webhook)" in asked.stderr and b"--yes does it" in asked.stderr and not sink.requests()
    record, = stack.json("notify", "send", "--test", "wuye", "--yes", config=one)
    assert (record["type"], record["outcome"], record["endpoint"], record["status"], record["unit"]) == ("trial", "delivered", "hook", 200, "wuye")
    request, = sink.requests()
    assert request["body"]["type"] == "trial" and request["body"]["id"] == record["id"] and request["body"]["data"]["case"] == "TEST"
    failed = stack.run("notify", "send", "--test", "wuye", "--yes", config=both, good=(1,)).stdout.decode()
    assert "through hook (webhook): delivered, answer 200" in failed and "endpoint (leader) through dead (webhook): failed: " in failed
    assert b"nobody can be reached" in stack.run("notify", "send", "--test", "wuye", "--yes", config=nobody, good=(1,)).stderr
    assert b"nobody can be reached" in stack.run("notify", "send", "--test", "wuye", "--yes", "--channel", "sms", config=one, good=(1,)).stderr
    assert stack.run("notify", "send", good=(2,)).stderr
    ledger = stack.json("notify", "ledger", "TEST")
    assert [one["outcome"] for one in ledger if one["endpoint"] == "hook"] == ["delivered", "delivered"] and all(one["type"] == "trial" for one in ledger)
    assert len({one["id"] for one in ledger}) == len(ledger) == 3


def test_render_shows_a_digest_as_it_would_be_now(make_words, folder):
    units = {"version": "1", "people": [{"person": "zhang", "name": "张<@all>", "contacts": [{"endpoint": "robot", "address": "zhangsan"}]}],
             "units": [{"unit": "wuye", "name": "物业管理科", "handlers": ["zhang"], "leaders": ["zhang"]}]}
    (folder / "units.json").write_text(json.dumps(units), encoding="utf-8")
    stack = make_words({"units": folder / "units.json", "sending": TOP / "conf/sending.json"})
    config = stack.configure("robot.ini", **{"endpoint robot": {"channel": "wecom", "url": "http://127.0.0.1:1/cgi-bin/webhook/send?key=x", "units": "-"}})
    message = stack.json("notify", "render", "--digest", "zhang", "--channel", "wecom", config=config)[0]
    assert "共 1 件" in message["body"] and "下一工作日到期（1 件）" in message["body"] and "物业管理科" in message["body"] and "<@" not in message["body"]
    assert "还剩 1 个工作日 " in message["body"] and "](https://platform.example.cn/case/ticket?id=S1)" in message["body"]
    assert message["id"].startswith("dig_")
    assert stack.json("notify", "render", "--digest", "zhang", "--channel", "email", config=config)[0]["html"]
    for name in ("robot", "nobody"):
        assert b"nobody of that name" in stack.run("notify", "render", "--digest", name, "--channel", "wecom", config=config, good=(1,)).stderr
    for arguments in (["--digest", "zhang"], ["--digest", "zhang", "--channel", "webhook"], ["--digest", "zhang", "--case", "S1", "--channel", "wecom"]):
        assert stack.run("notify", "render", *arguments, config=config, good=(2,)).stderr


def test_a_trial_reaches_people_at_every_place(make_words, folder):
    robot, certificates = Service("wecom"), Certificates(folder)
    mail = MailServer(certificates)
    units = {"version": "1", "people": [{"person": "zhang", "name": "张三", "contacts": [{"endpoint": "robot", "address": "zhangsan"},
                                                                                     {"endpoint": "mail", "address": "zhang@example.cn"}]}],
             "units": [{"unit": "wuye", "name": "物业管理科", "handlers": ["zhang"], "leaders": ["zhang"]}]}
    (folder / "units.json").write_text(json.dumps(units), encoding="utf-8")
    stack = make_words({"units": folder / "units.json"})
    config = stack.configure("people.ini", **{
        "endpoint robot": {"channel": "wecom", "url": "http://127.0.0.1:%d/cgi-bin/webhook/send?key=abc" % robot.port, "units": "-"},
        "endpoint mail": {"channel": "email", "url": "smtp://localhost:%d" % mail.port, "from": "bihuan@example.cn", "ca_file": certificates.ca, "units": "-"}})
    said = stack.run("notify", "send", "--test", "wuye", "--yes", config=config, good=None)
    shown = said.stdout.decode()
    robot.close()
    mail.close()
    assert said.returncode == 0, shown + said.stderr.decode()
    assert "张三 (handler, leader, lead) z***@example.cn through mail (email): delivered" in shown and "zhang@example.cn" not in shown
    content = robot.requests[0].json["markdown"]["content"]
    assert content.startswith("**【测试】办理提醒**") and "这是一条测试消息" in content and "承办单位：物业管理科" in content
    message = email.message_from_bytes(mail.mails[0]["content"], policy=email.policy.default)
    assert message["Subject"].startswith("【测试】【办理提醒】工单 TEST")
    parts = {part.get_content_type(): part for part in message.walk()}
    entry, = icalendar.Calendar.from_ical(parts["text/calendar"].get_payload(decode=True)).walk("VEVENT")
    assert str(entry["SUMMARY"]) == message["Subject"] and "【测试】" in Page(parts["text/html"].get_content()).text
    assert {one["channel"] for one in stack.json("notify", "ledger", "TEST")} == {"wecom", "email"}
