#!/usr/bin/env python3
"""What deploy/gateway lets through, in a real nginx in front of servers that note what they get."""

import contextlib
import json
import socketserver
import threading
import unittest
from pathlib import Path

from nginx import NAME, Gateway
from people import Client, Door
from running import eventually, program, skip

BROTLI = Path("/usr/lib/nginx/modules/ngx_http_brotli_filter_module.so")
KEY = "0193b0c2-7c52-7aa0-8a3f-5a5cf8f6f0a1"


class Backend(socketserver.ThreadingTCPServer):
    """Notes each request, and answers it unless `dies` is set: then it cuts the connection."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, name):
        self.name = name
        self.requests = []
        self.dies = False
        super().__init__(("127.0.0.1", 0), Handler)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        while head := self.read_head():
            lines = head.decode("latin-1").split("\r\n")
            headers = {}
            for line in lines[1:]:
                name, _, value = line.partition(":")
                headers.setdefault(name.lower(), []).append(value.strip())
            body = self.rfile.read(int(headers.get("content-length", ["0"])[0]))
            self.server.requests.append((lines[0], headers, body))
            if self.server.dies:
                return
            text = (self.server.name + " " + "secret " * 400).encode()
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                             b"X-Request-Id: stub\r\nContent-Length: %d\r\n\r\n" % len(text) + text)

    def read_head(self):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline(65536)
            if not line:
                return b""
            head += line
        return head[:-4]


class GatewayFilters(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.servers = [Backend("server"), Backend("server")]
        cls.notify = Backend("notify")
        modules = [BROTLI] if BROTLI.exists() else []
        cls.gateway = Gateway([server.port for server in cls.servers], [cls.notify.port], modules)
        if modules:
            source = Path(__file__).resolve().parents[3] / "deploy/gateway/brotli.conf"
            (cls.gateway.folder / "fechatter/static_brotli.conf").write_text(source.read_text())
        cls.gateway.start()
        cls.addClassCleanup(cls.gateway.stop)
        cls.door = Door(cls.gateway.tls, NAME, str(cls.gateway.certificate))

    def setUp(self):
        for backend in [*self.servers, self.notify]:
            backend.requests.clear()
            backend.dies = False

    def received(self):
        return [request for server in [*self.servers, self.notify] for request in server.requests]

    def ask(self, *request, **options):
        client = Client(self.door)
        with contextlib.closing(client):
            return client.ask(*request, **options)

    def raw(self, text):
        """The status of the first answer to these bytes, 0 when there is none."""
        answer = b""
        with self.door.socket(10) as connection, contextlib.suppress(OSError):
            connection.sendall(text.encode("latin-1"))
            while b"\r\n" not in answer and (more := connection.recv(4096)):
                answer += more
        parts = answer.split(b" ")
        return int(parts[1]) if len(parts) > 1 and parts[0].startswith(b"HTTP/") else 0

    def test_hostile_requests_reach_no_server(self):
        host = f"Host: {NAME}\r\n"
        long = "a" * 70000
        requests = {
            "length and chunks": "POST /api/chat HTTP/1.1\r\n" + host +
                "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "two lengths": "POST /api/chat HTTP/1.1\r\n" + host +
                "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
            "a length that is none": "POST /api/chat HTTP/1.1\r\n" + host +
                "Content-Length: +5\r\n\r\nhello",
            "a coding that is none": "POST /api/chat HTTP/1.1\r\n" + host +
                "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            "two hosts": "GET / HTTP/1.1\r\n" + host + "Host: other.example.com\r\n\r\n",
            "no host": "GET / HTTP/1.1\r\n\r\n",
            "another host": "GET / HTTP/1.1\r\nHost: other.example.com\r\n\r\n",
            "above the root": "GET /../../etc/passwd HTTP/1.1\r\n" + host + "\r\n",
            "above the root, encoded": "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n" + host + "\r\n",
            "a zero byte": "GET /api/chat%00.json HTTP/1.1\r\n" + host + "\r\n",
            "a header with a zero byte": "GET / HTTP/1.1\r\n" + host + "X-A: b\0c\r\n\r\n",
            "a header that is too long": "GET / HTTP/1.1\r\n" + host + f"X-A: {long}\r\n\r\n",
            "a target that is too long": f"GET /{long} HTTP/1.1\r\n" + host + "\r\n",
            "another protocol": "GET / HTTP/7.1\r\n" + host + "\r\n",
            "no request": "\x16\x03\x01\x02\x00 nonsense\r\n\r\n",
            "TRACE": "TRACE / HTTP/1.1\r\n" + host + "\r\n",
            "CONNECT": "CONNECT other.example.com:443 HTTP/1.1\r\n" + host + "\r\n",
            "a method of WebDAV": "PROPFIND / HTTP/1.1\r\n" + host + "\r\n",
            "a method in small letters": "get / HTTP/1.1\r\n" + host + "\r\n",
            "counts": "GET /metrics HTTP/1.1\r\n" + host + "\r\n",
            "counts, by a detour": "GET /api/..//metrics?x HTTP/1.1\r\n" + host + "\r\n",
            "counts, encoded": "GET /%6detrics HTTP/1.1\r\n" + host + "\r\n",
            "profiles": "GET /debug/pprof/profile HTTP/1.1\r\n" + host + "\r\n",
            "a repository": "GET /.git/config HTTP/1.1\r\n" + host + "\r\n",
            "a file of secrets": "GET /app/.env HTTP/1.1\r\n" + host + "\r\n",
            "a program of others": "GET /wp-login.php HTTP/1.1\r\n" + host + "\r\n",
        }
        for what, request in requests.items():
            with self.subTest(what):
                status = self.raw(request)
                self.assertTrue(status == 0 or 400 <= status < 600, status)
        self.assertEqual(self.received(), [])

    def test_headers_that_would_deceive_a_server_are_replaced_or_dropped(self):
        claims = {"X-Forwarded-For": "6.6.6.6", "Forwarded": "for=6.6.6.6", "X-Real-IP": "6.6.6.6",
                  "Via": "1.1 evil", "X-Forwarded-Proto": "http", "Connection": "X-Forwarded-For",
                  "Upgrade": "h2c", "HTTP2-Settings": "AAMAAABkAAQAAP__", "X_Forwarded_For": "6.6.6.6"}
        self.assertEqual(self.ask("GET", "/api/chat", headers=claims).status, 200)
        (_, headers, _), = self.received()
        self.assertEqual(headers["x-forwarded-for"], ["127.0.0.1"])
        self.assertEqual(headers["x-forwarded-proto"], ["https"])
        self.assertEqual(headers["host"], [f"{NAME}:{self.gateway.tls}"])
        for name in ("forwarded", "x-real-ip", "via", "upgrade", "connection", "x_forwarded_for"):
            self.assertNotIn(name, headers)

    def send(self, headers):
        for server in self.servers:
            server.dies = True
        answer = self.ask("POST", "/api/chat/7/messages", {"content": "hi"}, headers)
        return answer, [request for server in self.servers for request in server.requests]

    def test_a_send_with_a_key_goes_to_the_other_server_with_its_whole_body(self):
        answer, received = self.send({"Idempotency-Key": KEY})
        self.assertEqual(answer.status, 502)
        for server in self.servers:
            self.assertGreaterEqual(len(server.requests), 1)
        for line, headers, body in received:
            self.assertEqual(line, "POST /api/chat/7/messages HTTP/1.1")
            self.assertEqual(headers["idempotency-key"], [KEY])
            self.assertEqual(json.loads(body), {"content": "hi"})

    def test_a_send_without_a_key_is_not_repeated_and_its_502_is_a_problem(self):
        answer, received = self.send({})
        self.assertEqual(len(received), 1)
        self.assertEqual(answer.status, 502)
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        self.assertEqual(answer.json()["code"], "gateway.unreachable")
        self.assertEqual(answer.headers["Retry-After"], "1")

    def test_other_posts_are_not_repeated_whatever_header_they_have(self):
        for server in self.servers:
            server.dies = True
        answer = self.ask("POST", "/api/chat", {}, {"Idempotency-Key": KEY})
        self.assertEqual(answer.status, 502)
        self.assertEqual(len(self.received()), 1)

    def test_last_event_id_and_a_ticket_reach_notify_server(self):
        self.ask("GET", "/events?ticket=t", headers={"Last-Event-ID": "3-1042"})
        (line, headers, _), = self.notify.requests
        self.assertEqual(line, "GET /events?ticket=t HTTP/1.1")
        self.assertEqual(headers["last-event-id"], ["3-1042"])

    def test_a_body_that_is_too_large_is_refused_with_a_problem(self):
        answer = self.ask("POST", "/api/chat", b"x" * 3_000_000)
        self.assertEqual(answer.status, 413)
        self.assertEqual(answer.json()["code"], "request.too_large")

    def test_the_limits_are_those_of_one_address(self):
        flood = Client(self.door, source="127.0.0.77")
        with contextlib.closing(flood):
            # As many as it takes on a slow machine: 20 a second are allowed, and 200 at once.
            answers = (flood.ask("POST", "/api/signin", {}) for _ in range(3000))
            refusal = next(answer for answer in answers if answer.status == 429)
        self.assertGreaterEqual(len(self.received()), 200)
        self.assertEqual(refusal.json()["code"], "request.rate_limited")
        self.assertEqual(refusal.headers["Content-Type"], "application/problem+json")
        self.assertEqual(refusal.headers["Retry-After"], "1")
        self.assertEqual(self.ask("POST", "/api/signin", {}).status, 200)

    def coding(self, path, accepted):
        answer = self.ask("GET", path, headers={"Accept-Encoding": accepted})
        self.assertEqual(answer.status, 200)
        return answer.headers["Content-Encoding"]

    def test_only_static_files_are_compressed(self):
        for path in ("/openapi.json", "/docs", "/assets/main-DiwrgTda.js"):
            self.assertEqual(self.coding(path, "gzip"), "gzip")
        for path in ("/api/chat", "/", "/files/1/aaa/bbb/c.json", "/events", "/api/online-users"):
            self.assertIsNone(self.coding(path, "gzip, br"))
        if BROTLI.exists():
            self.assertEqual(self.coding("/openapi.json", "br"), "br")
        else:
            print("=== SKIPPED: brotli: there is no libnginx-mod-http-brotli-filter")

    def test_the_log_is_json_without_queries_tokens_and_agents(self):
        canary = {"User-Agent": "canary-a", "Referer": "https://x/?canary-r",
                  "Authorization": "Bearer canary-b", "Cookie": "canary=canary-c"}
        for path in ("/events?ticket=canary-q", "/api/invitations/canary-i",
                     "/api//x/../invitations/canary-n", "/files/1/a/b/c.png?signature=canary-s"):
            self.ask("GET", path, headers=canary)
        self.raw(f"GET /?canary-v HTTP/7.1\r\nHost: {NAME}\r\n\r\n")
        eventually(lambda: "/files/1/a/b/c.png" in self.gateway.log())
        lines = [json.loads(line) for line in self.gateway.log().splitlines()]
        found = {line["path"]: line for line in lines}
        self.assertEqual(found["/events"]["status"], 200)
        self.assertEqual(found["/events"]["request_id"], "stub")
        self.assertEqual(found["/events"]["server"], f"127.0.0.1:{self.notify.port}")
        self.assertIn("/api/invitations/{token}", found)
        for log in self.gateway.folder.glob("*.log"):
            self.assertNotIn("canary", log.read_text(), log)


if __name__ == "__main__":
    if not program("nginx"):
        skip("tests/deploy/live/gateway_filters.py", "there is no nginx; deploy/local/packages test")
    unittest.main(verbosity=2, warnings="ignore")
