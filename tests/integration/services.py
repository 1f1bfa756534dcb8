"""Services that notices go to, as their documents describe them: group robots, webhooks and SMS gateways over HTTP, and a mail server.

Each runs in the test's own process on a free port of this machine and remembers what it was asked. They verify signatures by code of their own.
"""
import asyncio
import base64
import hashlib
import hmac
import json
import smtplib
import ssl
import struct
import subprocess
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import socket

from aiosmtpd.smtp import SMTP, AuthResult


def hmac_base64(key, text):
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


def wecom(request):
    return {"errcode": 0, "errmsg": "ok"} if request.query.get("key") == "abc" else {"errcode": 93000, "errmsg": "invalid webhook url"}


def dingtalk(request):
    """Signed in the query, by milliseconds that are an hour old at most."""
    stamp, sign = request.query.get("timestamp", ""), request.query.get("sign", "")
    fresh = stamp.isdigit() and abs(time.time() * 1000 - int(stamp)) < 3600e3
    if fresh and hmac.compare_digest(hmac_base64("SECtest", stamp + "\nSECtest"), sign):
        return {"errcode": 0, "errmsg": "ok"}
    return {"errcode": 310000, "errmsg": "description:机器人发送签名不匹配;solution:请确认签名和生成签名的时间戳必须都放在调用的网址中"}


def feishu(request):
    """Signed in the body, by seconds."""
    stamp, sign = str(request.json.get("timestamp", "")), request.json.get("sign", "")
    if stamp.isdigit() and abs(time.time() - int(stamp)) < 3600 and hmac.compare_digest(hmac_base64(stamp + "\ndemo", ""), sign):
        return {"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"}
    return {"code": 19021, "msg": "sign match fail or timestamp is not within one hour from current time"}


def sms(request):
    if request.headers.get("Authorization") != "Bearer token-1":
        return {"code": 2001, "message": "unauthorized"}
    return {"code": 0, "message": "ok", "data": {"sid": "sid-1"}}


THROTTLED = {"wecom": {"errcode": 45009, "errmsg": "api freq out of limit"}, "dingtalk": {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"},
             "feishu": {"code": 11232, "msg": "create message trigger by rate limit"}, "sms": {"code": 1001, "message": "too many"}}
FAILING = {"wecom": {"errcode": -1, "errmsg": "system busy"}, "dingtalk": {"errcode": -1, "errmsg": "系统繁忙"}, "feishu": {"code": 1500, "msg": "internal error"},
           "sms": {"code": 9, "message": "later"}}
SERVICES = {"wecom": wecom, "dingtalk": dingtalk, "feishu": feishu, "sms": sms, "webhook": lambda request: {}}


class Request:
    def __init__(self, handler):
        self.at = time.time()
        parts = urllib.parse.urlsplit(handler.path)
        self.method, self.path, self.headers = handler.command, parts.path, handler.headers
        self.query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        self.body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        try:
            self.json = json.loads(self.body)
        except ValueError:
            self.json = None


class Service:
    """One service. `behaviour` is how it answers: ok, throttled, failing (a code in an HTTP 200), garbage, empty, slow, reset, or a tuple (status, headers, body)."""

    def __init__(self, name, behaviour="ok", tls=None):
        self.name, self.behaviour, self.requests = name, behaviour, []
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def respond(self):
                request = Request(self)
                service.requests.append(request)
                service.respond(self, request)
            do_GET = do_POST = do_PUT = respond

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_):
                pass    # it was killed, or did not wait
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if tls:
            self.server.socket = tls.server_context().wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_port
        self.released = threading.Event()
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def respond(self, handler, request):
        status, headers, body = 200, {"Content-Type": "application/json"}, b""
        if self.behaviour == "slow":
            self.released.wait(60)
        elif self.behaviour == "reset":
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.close_connection = True
            handler.connection.close()
            return
        elif isinstance(self.behaviour, tuple):
            status, headers, body = self.behaviour
        elif self.behaviour == "garbage":
            body = b"\xff\xfe<html>\x00not what you asked for"
        elif self.behaviour != "empty":
            table = {"throttled": THROTTLED, "failing": FAILING}.get(self.behaviour)
            body = json.dumps(table[self.name] if table else SERVICES[self.name](request), ensure_ascii=False).encode()
        try:
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)
        except OSError:
            handler.close_connection = True    # it did not wait

    def close(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()


class Certificates:
    """A certificate authority of the test's own, and a certificate of `localhost` by it."""

    def __init__(self, folder):
        self.ca, self.cert, self.key = folder / "ca.pem", folder / "cert.pem", folder / "key.pem"
        ca_key, request, extensions = folder / "ca.key", folder / "request.pem", folder / "extensions"
        extensions.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        openssl = lambda *arguments: subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
        new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
        openssl("req", "-x509", *new_key, "-keyout", ca_key, "-out", self.ca, "-days", 2, "-subj", "/CN=test authority")
        openssl("req", "-new", *new_key, "-keyout", self.key, "-out", request, "-subj", "/CN=localhost")
        openssl("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", ca_key, "-CAcreateserial", "-out", self.cert, "-days", 2, "-extfile", extensions)

    def server_context(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.cert, self.key)
        return context


class MailServer:
    """A real SMTP server. tls: "starttls" (required before a mail), "implicit", or None for none at all. `refused` addresses are answered 550, `later` 450; users: name
    to password; slow: it does not answer the mail's end for 60 s; stuck:
    nor QUIT; busy: it takes no mail now."""

    def __init__(self, certificates=None, tls="starttls", refused=(), later=(), users=None, slow=False, busy=False, stuck=False):
        self.mails, self.seen, self.refused, self.later, self.slow, self.busy, self.stuck = [], [], set(refused), set(later), slow, busy, stuck
        context = certificates.server_context() if tls else None
        handler, starttls = self, tls == "starttls"

        class Recorded(SMTP):
            """Notes what the client says, to see that nothing goes in clear."""
            async def _handle_client(self):
                handler.seen.append("connected")
                return await super()._handle_client()

        def authenticate(_server, _session, _envelope, _mechanism, data):
            good = users.get(data.login.decode()) == data.password.decode()
            return AuthResult(success=good, handled=False, auth_data=data)
        def session():
            return Recorded(handler, tls_context=context if starttls else None, require_starttls=starttls, hostname="mail.example.cn",
                            authenticator=authenticate if users else None, auth_required=bool(users), auth_require_tls=starttls, timeout=60)
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        serving = asyncio.run_coroutine_threadsafe(self.loop.create_server(session, "127.0.0.1", 0, ssl=context if tls == "implicit" else None), self.loop)
        self.port = serving.result(30).sockets[0].getsockname()[1]

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        self.seen.append("EHLO")
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        self.seen.append("MAIL")
        if self.busy:
            return "421 4.7.0 Too many connections"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refused:
            return "550 5.1.1 <%s>: Recipient address rejected" % address
        if address in self.later:
            return "450 4.2.0 <%s>: Greylisted, try again later" % address
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.slow:
            await asyncio.sleep(60)
        self.mails.append({"at": time.time(), "from": envelope.mail_from, "to": list(envelope.rcpt_tos), "content": envelope.original_content, "tls": server.transport.get_extra_info("sslcontext") is not None,
                           "user": session.auth_data and session.auth_data.login.decode()})
        return "250 2.0.0 Ok: queued as Q%d" % len(self.mails)

    async def handle_QUIT(self, server, session, envelope):
        if self.stuck:
            await asyncio.sleep(60)
        return "221 Bye"

    async def _end(self):
        """Whoever is still connected is left alone: his task ends here."""
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def close(self):
        asyncio.run_coroutine_threadsafe(self._end(), self.loop).result(30)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
