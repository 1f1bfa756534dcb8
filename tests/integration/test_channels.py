"""Every channel against a service that answers as the real one documents: what each answer is taken for, and what the service was sent. By tests/support/courier.c,
which has the channels and the sender and nothing else."""
import email
import email.policy
import json
import subprocess
import sys
import time
import uuid

import pytest

from harness import BUILD, CACHE, TOP, wait_for
from services import Certificates, MailServer, Service

ROBOTS = ("wecom", "dingtalk", "feishu")
ID = "ntc_00112233445566778899aabbccddeeff"
CALENDAR = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Bihuan//EN\r\nMETHOD:PUBLISH\r\nBEGIN:VEVENT\r\nUID:%s\r\nDTSTAMP:20241010T010000Z\r\nDTSTART:20241012T093000Z\r\nSUMMARY:到期\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n" % ID
OLD, NEW = "whsec_YmlodWFuLWludGVncmF0aW9uLXRlc3RzLTAwMDE=", "whsec_YmlodWFuLWludGVncmF0aW9uLXRlc3RzLTAwMDI="
PATH = {"wecom": "/cgi-bin/webhook/send?key=abc", "dingtalk": "/robot/send?access_token=abc", "feishu": "/open-apis/bot/v2/hook/abc", "webhook": "/hook"}
SECRET = {"dingtalk": "SECtest", "feishu": "demo", "webhook": NEW, "sms": "token-1"}


@pytest.fixture
def serve(folder):
    """serve(service name or "mail", …): it ends with the test."""
    made = []

    def make(name, *arguments, **options):
        made.append((MailServer if name == "mail" else lambda *a, **o: Service(name, *a, **o))(*arguments, **options))
        return made[-1]
    yield make
    for service in made:
        service.close()


@pytest.fixture
def certificates(folder):
    return Certificates(folder)


def secret_file(folder, name, text):
    path = folder / name
    path.write_text(text + "\n")
    path.chmod(0o600)
    return path


def configure(folder, endpoint, notify=None, kafka="127.0.0.1:1"):
    path = folder / "courier.ini"
    sections = {"kafka": {"bootstrap.servers": kafka}, "notify": dict({"timeout": 20}, **(notify or {})), "endpoint it": endpoint}
    path.write_text("".join("[%s]\n" % name + "".join("%s = %s\n" % pair for pair in section.items()) for name, section in sections.items()))
    return path


def courier(folder, endpoint, *messages, notify=None, kafka="127.0.0.1:1", flags=(), env=None):
    """The verdicts of messages sent through an endpoint; of each what is not said has a default."""
    config = configure(folder, endpoint, notify, kafka)
    default = {"id": ID, "key": "ML1", "subject": "【即将到期】ML2024093000123", "body": "小区电梯故障,请于 2024-10-12 前答复", "envelope": '{"specversion":"1.0","id":"%s"}' % ID, "link": ""}
    lines = "".join(json.dumps(dict(default, **message)) + "\n" for message in messages or ({},))
    done = subprocess.run([BUILD / "support/courier", "--config", config, *flags, "it"], input=lines.encode(), capture_output=True, timeout=120, cwd=TOP, env=env)
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()]


def endpoint_of(folder, name, service, **options):
    """The section of an endpoint of that channel at a service."""
    endpoint = {"channel": name}
    if name in SECRET:
        endpoint["secret_file"] = secret_file(folder, "secret", SECRET[name])
    if name == "sms":
        gateway = json.loads((TOP / "conf/sms/example-gateway.json").read_text())
        gateway["url"] = "http://127.0.0.1:%d/v1/messages?request={{id}}" % service.port
        (folder / "gateway.json").write_text(json.dumps(gateway))
        endpoint["gateway"] = folder / "gateway.json"
    else:
        endpoint["url"] = "http://127.0.0.1:%d%s" % (service.port, PATH[name])
    return dict(endpoint, **options)


def message_to(name):
    return {"addresses": ["13800000000"]} if name == "sms" else {}


def ask(folder, name, service, **options):
    return courier(folder, endpoint_of(folder, name, service, **options), message_to(name), notify={"timeout": 1} if service.behaviour == "slow" else None)[0]


ALL = ROBOTS + ("webhook", "sms")


@pytest.mark.parametrize("name", ALL)
def test_success(folder, serve, name):
    service = serve(name)
    verdict = ask(folder, name, service)
    assert (verdict["kind"], verdict["error"], verdict["code"]) == ("delivered", "", 0)
    assert len(service.requests) == 1 and service.requests[0].json
    if name == "sms":
        (request,) = service.requests
        assert verdict["receipt"] == "sid-1" and request.query == {"request": ID}
        assert request.json == {"mobile": "13800000000", "content": "【示例市12345】小区电梯故障,请于 2024-10-12 前答复"}


@pytest.mark.parametrize("name", ROBOTS)
@pytest.mark.parametrize("form", ("text", "markdown"))
def test_robots_get_what_people_read(folder, serve, name, form):
    service = serve(name)
    verdict, = courier(folder, endpoint_of(folder, name, service, format=form, keyword="督办"), {"body": "字" * 30000, "link": "https://case.example.cn/ML1", "addresses": ["zhang"]})
    assert verdict["kind"] == "delivered"
    body = json.dumps(service.requests[0].json, ensure_ascii=False)
    assert "督办" in body and "https://case.example.cn/ML1" in body and "zhang" in body and "…" in body
    assert len(service.requests[0].body) <= 20480 or name == "dingtalk"


@pytest.mark.parametrize("name", ROBOTS + ("sms",))
def test_a_code_inside_http_200_decides(folder, serve, name):
    service = serve(name, "throttled")
    verdict = ask(folder, name, service)
    assert verdict["kind"] == "slow-down" and verdict["code"] and verdict["status"] == 200
    assert verdict["wait_ms"] == {"wecom": 60000, "dingtalk": 600000, "feishu": 60000, "sms": 0}[name]
    service.behaviour = "failing"
    verdict = ask(folder, name, service)
    assert verdict["kind"] == "retry" and verdict["code"] and verdict["error"]


@pytest.mark.parametrize("name", ROBOTS + ("sms",))
def test_bad_signature_or_key_is_refused(folder, serve, name):
    service = serve(name)
    change = {"url": "http://127.0.0.1:%d/cgi-bin/webhook/send?key=other" % service.port} if name == "wecom" else {"secret_file": secret_file(folder, "other", "other")}
    verdict = ask(folder, name, service, **change)
    assert verdict["kind"] == "refused" and verdict["error"] and "other" not in verdict["error"]


@pytest.mark.parametrize("name", ALL)
def test_slow_reset_garbage_and_statuses(folder, serve, name):
    service = serve(name)
    for behaviour in ("slow", "reset"):
        service.behaviour = behaviour
        before = time.monotonic()
        verdict = ask(folder, name, service)
        assert (verdict["kind"], verdict["status"]) == ("retry", 0) and verdict["error"]
        assert "abc" not in verdict["error"] and time.monotonic() - before < 15
        service.released.set()
    for behaviour in ("garbage", "empty", (200, {}, b'{"code": "x"}')):
        service.behaviour = behaviour
        verdict = ask(folder, name, service)
        assert verdict["kind"] == ("delivered" if name == "webhook" else "retry"), behaviour
    for status, kind in ((410, "gone"), (429, "slow-down"), (502, "slow-down"), (504, "slow-down"), (500, "retry"), (503, "retry"), (404, "retry")):
        service.behaviour = (status, {}, b"no")
        verdict = ask(folder, name, service)
        assert (verdict["kind"], verdict["status"]) == (kind, status)


@pytest.mark.parametrize("name", ("webhook", "feishu"))
def test_retry_after_in_seconds_and_as_a_date(folder, serve, name):
    service = serve(name, (503, {"Retry-After": "120"}, b""))
    assert ask(folder, name, service)["wait_ms"] == 120000
    service.behaviour = (429, {"Retry-After": time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 300))}, b"")
    verdict = ask(folder, name, service)
    assert verdict["kind"] == "slow-down" and 290000 <= verdict["wait_ms"] <= 300000
    service.behaviour = (503, {"Retry-After": "soon"}, b"")
    assert ask(folder, name, service)["wait_ms"] == 0


def test_what_one_answer_asked_for_does_not_stick_to_the_next(folder, serve):
    service = serve("webhook")
    answers = iter([(503, {"Retry-After": "120"}, b"x" * 70000), (500, {}, b"short"), (200, {}, b"")])
    original = service.respond

    def respond(handler, request):
        service.behaviour = next(answers)
        original(handler, request)
    service.respond = respond
    first, second, third = courier(folder, endpoint_of(folder, "webhook", service), {}, {}, {}, notify={"in_flight": 1})
    assert (first["status"], first["wait_ms"]) == (503, 120000) and first["error"].startswith("HTTP 503: xxx")
    assert (second["status"], second["wait_ms"], second["error"]) == (500, 0, "HTTP 500: short")
    assert third["kind"] == "delivered"


# --- where requests may go ---

def test_redirects_are_not_followed(folder, serve):
    other, service = serve("webhook"), serve("webhook")
    for status in (301, 302, 307, 308):
        service.behaviour = (status, {"Location": "http://127.0.0.1:%d/" % other.port}, b"")
        verdict = ask(folder, "webhook", service)
        assert (verdict["kind"], verdict["status"]) == ("retry", status) and "redirect" in verdict["error"]
    assert not other.requests


def test_a_name_that_leads_to_this_machine_is_refused_unless_configured(folder, serve):
    service = serve("webhook")
    endpoint = endpoint_of(folder, "webhook", service, url="http://inner.localhost:%d/hook?key=topsecret" % service.port)
    verdict, = courier(folder, endpoint)
    assert verdict["kind"] == "retry" and "inner.localhost leads to a loopback address" in verdict["error"] and "topsecret" not in verdict["error"]
    assert not service.requests
    for hosts in ("INNER.localhost", "other.example.cn, inner.localhost", "*"):
        assert courier(folder, endpoint, notify={"private_hosts": hosts})[0]["kind"] == "delivered"
    assert courier(folder, endpoint, notify={"private_hosts": "localhost"})[0]["kind"] == "retry"
    for host in ("localhost", "127.0.0.1", "127.1", "0x7f000001"):
        assert courier(folder, dict(endpoint, url="http://%s:%d/" % (host, service.port)))[0]["kind"] == "delivered", host


def test_a_proxy_of_the_environment_is_not_asked(folder, serve):
    proxy, service = serve("webhook"), serve("webhook")
    there = "http://127.0.0.1:%d" % proxy.port
    verdict, = courier(folder, endpoint_of(folder, "webhook", service), env={"http_proxy": there, "all_proxy": there, "HTTP_PROXY": there})
    assert verdict["kind"] == "delivered" and len(service.requests) == 1 and not proxy.requests


def test_certificates_are_checked(folder, serve, certificates):
    service = serve("webhook", tls=certificates)
    endpoint = endpoint_of(folder, "webhook", service, url="https://localhost:%d/hook/topsecret" % service.port)
    verdict, = courier(folder, endpoint)
    assert verdict["kind"] == "retry" and "certificate" in verdict["error"] and "topsecret" not in verdict["error"] and not service.requests
    assert courier(folder, dict(endpoint, ca_file=certificates.ca))[0]["kind"] == "delivered"
    wrong_name = "https://name.localhost:%d/" % service.port
    verdict, = courier(folder, dict(endpoint, ca_file=certificates.ca, url=wrong_name), notify={"private_hosts": "*"})
    assert verdict["kind"] == "retry" and "name.localhost" in verdict["error"]


# --- Standard Webhooks ---

def verifier():
    """The reference verifier, fetched once; without it the test fails."""
    folder = CACHE / "standardwebhooks"
    subprocess.run([TOP / "tests/support/python-package", "standardwebhooks", "1.1.0", folder], check=True)
    sys.path.insert(0, str(folder))
    import standardwebhooks
    return standardwebhooks


def test_the_reference_verifier_accepts_webhooks_also_while_a_secret_is_rotated(folder, serve):
    standard, service = verifier(), serve("webhook")
    body = '{"specversion":"1.0","data":{"title":"小区电梯故障"}}'
    for secrets, good, bad in (([NEW], [NEW], [OLD]), ([NEW, OLD], [NEW, OLD], ["whsec_" + "A" * 32])):
        verdict, = courier(folder, endpoint_of(folder, "webhook", service, secret_file=secret_file(folder, "rotated", "\n".join(secrets))), {"envelope": body})
        request = service.requests[-1]
        assert verdict["kind"] == "delivered" and request.body == body.encode() and request.headers["webhook-id"] == ID
        for secret in good:
            assert standard.Webhook(secret).verify(request.body, dict(request.headers)) == json.loads(body)
        for secret in bad:
            with pytest.raises(standard.WebhookVerificationError):
                standard.Webhook(secret).verify(request.body, dict(request.headers))


# --- e-mail ---

def mail_endpoint(folder, server, certificates, scheme="smtp", host="localhost", **options):
    return dict({"channel": "email", "url": "%s://%s:%d" % (scheme, host, server.port), "from": "bihuan@hotline.example.cn", "ca_file": certificates.ca}, **options)


def mail(**changes):
    return dict({"addresses": ["wang@unit.example.cn"], "html": "<p>小区电梯故障</p>", "calendar": CALENDAR}, **changes)


@pytest.mark.parametrize("tls,scheme", (("starttls", "smtp"), ("implicit", "smtps")))
def test_a_mail_arrives_and_a_reader_understands_it(folder, serve, certificates, tls, scheme):
    server = serve("mail", certificates, tls)
    subject = "【逾期】ML2024093000123 小区电梯故障,已逾期 2 个工作日,请立即办理并答复市民(物业管理所)"
    body = "第一行\n.以点开头\n" + "很长的一行" * 200 + "\n"
    verdict, = courier(folder, mail_endpoint(folder, server, certificates, scheme), mail(subject=subject, body=body), flags=("--at", "1728522000000"))
    assert (verdict["kind"], verdict["receipt"], verdict["status"]) == ("delivered", "Q1", 250)
    (sent,) = server.mails
    assert sent["tls"] and sent["from"] == "bihuan@hotline.example.cn" and sent["to"] == ["wang@unit.example.cn"]
    assert all(len(line) <= 78 for line in sent["content"].split(b"\r\n")) and sent["content"].isascii()
    read = email.message_from_bytes(sent["content"], policy=email.policy.default)
    assert read["Subject"] == subject and read["From"] == "bihuan@hotline.example.cn" and read["To"] == "wang@unit.example.cn"
    assert read["Message-ID"] == "<%s@hotline.example.cn>" % ID and read["Auto-Submitted"] == "auto-generated"
    assert read["Date"].datetime.timestamp() == 1728522000 and not read.defects
    assert [part.get_content_type() for part in read.walk()] == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar"]
    assert read.get_body(("plain",)).get_content() == body and read.get_body(("html",)).get_content().strip() == "<p>小区电梯故障</p>"
    (attached,) = read.iter_attachments()
    assert attached.get_filename() == "deadline.ics" and attached.get_payload(decode=True).decode() == CALENDAR
    assert not [part for part in read.walk() if part.defects]


def test_a_mail_without_html_and_calendar(folder, serve, certificates):
    server = serve("mail", certificates)
    assert courier(folder, mail_endpoint(folder, server, certificates), {"addresses": ["wang@unit.example.cn"], "body": "正文"})[0]["kind"] == "delivered"
    read = email.message_from_bytes(server.mails[0]["content"], policy=email.policy.default)
    assert [part.get_content_type() for part in read.walk()] == ["multipart/alternative", "text/plain"]
    assert read.get_body(("plain",)).get_content() == "正文"


def test_many_mails_over_few_connections(folder, serve, certificates):
    server = serve("mail", certificates)
    verdicts = courier(folder, mail_endpoint(folder, server, certificates), *[mail(id="ntc_%d" % i) for i in range(40)], notify={"in_flight": 4})
    assert [verdict["kind"] for verdict in verdicts] == ["delivered"] * 40
    assert {email.message_from_bytes(one["content"])["Message-ID"] for one in server.mails} == {"<ntc_%d@hotline.example.cn>" % i for i in range(40)}
    assert server.seen.count("connected") <= 4


def test_names_and_passwords(folder, serve, certificates):
    server = serve("mail", certificates, users={"robot": "p@ss wörd"})
    endpoint = mail_endpoint(folder, server, certificates, user="robot", password_file=secret_file(folder, "password", "p@ss wörd"))
    assert courier(folder, endpoint, mail())[0]["kind"] == "delivered" and server.mails[0]["user"] == "robot"
    verdict, = courier(folder, dict(endpoint, password_file=secret_file(folder, "password2", "topsecret")), mail())
    assert verdict["kind"] == "refused" and verdict["status"] == 535 and "topsecret" not in verdict["error"] and len(server.mails) == 1


def test_nothing_goes_in_clear_or_to_a_stranger(folder, serve, certificates):
    plain = serve("mail", tls=None)
    verdict, = courier(folder, mail_endpoint(folder, plain, certificates), mail())
    assert verdict["kind"] == "retry" and verdict["error"] and plain.seen == ["connected", "EHLO"] and not plain.mails
    server = serve("mail", certificates)
    endpoint = mail_endpoint(folder, server, certificates)
    del endpoint["ca_file"]
    verdict, = courier(folder, endpoint, mail())
    assert verdict["kind"] == "retry" and "certificate" in verdict["error"] and not server.mails and "MAIL" not in server.seen
    verdict, = courier(folder, mail_endpoint(folder, server, certificates, host="inner.localhost"), mail())
    assert verdict["kind"] == "retry" and "loopback" in verdict["error"] and not server.mails


def test_replies_of_the_mail_server(folder, serve, certificates):
    server = serve("mail", certificates, refused=["gone@unit.example.cn"], later=["grey@unit.example.cn"], stuck=True)
    endpoint = mail_endpoint(folder, server, certificates)
    before = time.monotonic()
    gone, grey, good = courier(folder, endpoint, *[mail(addresses=[who + "@unit.example.cn"]) for who in ("gone", "grey", "wang")], notify={"in_flight": 1})
    assert (gone["kind"], gone["status"]) == ("refused", 550) and gone["error"] == "SMTP 550 5.1.1 <g***@unit.example.cn>: Recipient address rejected"
    assert (grey["kind"], grey["status"]) == ("retry", 450) and "Greylisted" in grey["error"]
    assert good["kind"] == "delivered" and len(server.mails) == 1
    server.busy, server.stuck = True, True
    assert courier(folder, endpoint, mail())[0]["kind"] == "slow-down"
    server.busy, server.slow = False, True
    verdict, = courier(folder, endpoint, mail(), notify={"timeout": 1})
    assert (verdict["kind"], verdict["status"]) == ("retry", 0) and time.monotonic() - before < 15      # it never waits for a server that is in no hurry to part


def test_addresses_that_are_none_are_not_sent_to(folder, serve, certificates):
    server = serve("mail", certificates)
    for address in ("nobody", "a@example.cn\r\nRCPT TO:<b@example.cn>", "a@example.cn>,<b@example.cn"):
        verdict, = courier(folder, mail_endpoint(folder, server, certificates), mail(addresses=[address]))
        assert verdict["kind"] == "retry" and "address" in verdict["error"]
    assert server.seen == []


# --- Kafka ---

def test_a_record_to_kafka_is_acknowledged(folder, kafka):
    topic = "notices-" + uuid.uuid4().hex[:8]
    kafka.create([topic], 2)
    envelope = '{"specversion":"1.0","id":"%s"}' % ID
    verdicts = courier(folder, {"channel": "kafka", "topic": topic}, *[{"key": "ML%d" % i, "envelope": envelope} for i in range(5)], kafka=kafka.bootstrap)
    assert [(verdict["kind"], verdict["status"]) for verdict in verdicts] == [("delivered", 200)] * 5
    records = kafka.read(topic)
    assert {record.key() for record in records} == {b"ML%d" % i for i in range(5)} and {record.value() for record in records} == {envelope.encode()}
    assert dict(records[0].headers()) == {"content-type": b"application/cloudevents+json; charset=UTF-8"}


def test_a_kafka_that_is_away_is_an_error_in_time(folder):
    before = time.monotonic()
    verdict, = courier(folder, {"channel": "kafka", "topic": "notices"}, notify={"timeout": 2})
    assert (verdict["kind"], verdict["status"]) == ("retry", 0) and verdict["error"].startswith("Kafka: ") and time.monotonic() - before < 15


# --- configuration ---

def faults_of(folder, endpoint):
    config = configure(folder, endpoint)
    done = subprocess.run([BUILD / "support/courier", "--config", config, "it"], input=b"", capture_output=True, timeout=60, cwd=TOP)
    assert done.returncode == 2
    return done.stderr.decode()


def test_bad_endpoints_are_refused_with_what_is_wrong(folder):
    url = "https://robot.example.cn/send?key=topsecret"
    good_gateway = json.loads((TOP / "conf/sms/example-gateway.json").read_text())

    def gateway(**changes):
        path = folder / (uuid.uuid4().hex[:8] + ".json")
        path.write_text(json.dumps(dict(good_gateway, **changes)))
        return {"channel": "sms", "gateway": path, "secret_file": secret_file(folder, "token", "token-1")}
    for endpoint, said in (
            ({"url": "ftp://a.example.cn/"}, "url: expected https:// or http://"),
            ({"url": "https://user:word@a.example.cn/"}, "url: must not hold a name or password"),
            ({"url": url, "secret_file": secret_file(folder, "two", NEW + "\n" + "whsec_x")}, "two:2: expected base64 of 24 to 64 bytes"),
            ({"url": url, "secret_file": folder / "none"}, "No such file"),
            ({"channel": "wecom", "url": url, "secret_file": secret_file(folder, "single", "x")}, "secret_file: means nothing to this channel"),
            ({"channel": "dingtalk", "url": url, "secret_file": secret_file(folder, "s", "a\nb")}, "expected one secret"),
            ({"channel": "feishu", "url": url, "topic": "x"}, "topic: means nothing"),
            ({"channel": "email", "url": "https://a.example.cn"}, "url: expected smtps:// or smtp://"),
            ({"channel": "email", "url": "smtp://a.example.cn"}, "from: is required"),
            ({"channel": "email", "url": "smtp://a.example.cn", "from": "Bihuan <a@example.cn>"}, "from: is no e-mail address"),
            ({"channel": "email", "url": "smtp://a.example.cn", "from": "a@example.cn", "user": "a"}, "user and password_file go together"),
            ({"channel": "email", "url": "smtp://a.example.cn", "from": "a@example.cn", "ca_file": folder / "none.pem"}, "ca_file: "),
            ({"channel": "kafka", "topic": "a b"}, "topic: letters"),
            (gateway(url="https://{{id}}.example.cn/"), "url: fields may stand in path and query alone"),
            (gateway(url="https://sms.example.cn:{{id}}/"), "url: fields may stand in path and query alone"),
            (gateway(url="{{secret}}://sms.example.cn/"), "url: expected https:// or http://"),
            (gateway(url="https://sms.example.cn/{{phone}}"), "url: unknown field {{phone}}"),
            (gateway(body={"a": "{{nothing}}"}), "body: unknown field {{nothing}}"),
            (gateway(headers={"X-Text": "{{text}}"}), "headers.X-Text: {{text}} cannot be filled in here"),
            (gateway(success={"status": [200], "pointer": "code", "equals": 0}), "pointer: expected a JSON pointer"),
            (gateway(success={}), "success: expected pointer and equals, contains, or status"),
            (gateway(headers={}), "there is a secret, but no {{secret}}"),
            (gateway(retries=3), "unknown field \"retries\"")):
        text = faults_of(folder, endpoint)
        assert said in text and "[endpoint it]" in text and "topsecret" not in text and "word" not in text.replace("password", ""), (endpoint, text)


def test_check_says_them(folder):
    config = configure(folder, {"channel": "email", "url": "smtp://a.example.cn", "from": "nobody"})
    done = subprocess.run([BUILD / "bihuan-notify", "check", "--config", config], capture_output=True, timeout=60, cwd=TOP)
    assert done.returncode == 2 and b"[endpoint it] from: is no e-mail address" in done.stderr + done.stdout
