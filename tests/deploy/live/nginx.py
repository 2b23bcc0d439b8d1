"""The gateway of deploy/gateway in a real nginx, in front of servers on this machine."""

import atexit
import os
import re
import shutil
import signal
import tempfile
from pathlib import Path

from running import PATH, ROOT, Process, eventually, free_port, listens, run

NAME = "chat.example.com"
GATEWAY = ROOT / "deploy/gateway"


def upstream(text, name, ports):
    """`text` with these servers in the block of that name, with the options that it has there."""
    block = re.search(rf"upstream {name} {{.*?\n}}", text, re.S).group()
    line = re.search(r"^  server \S+(.*);$", block, re.M)
    servers = "\n".join(f"  server 127.0.0.1:{port}{line.group(1)};" for port in ports)
    return text.replace(block, block.replace(line.group(), servers))


class Gateway:
    """`servers`, `notifies`: ports. The files are those of deploy/gateway but for names of folders
    and numbers of ports."""

    def __init__(self, servers, notifies, modules=()):
        self.folder = Path(tempfile.mkdtemp(prefix="fechatter-gateway-"))
        atexit.register(lambda: self.stop())
        self.folder.chmod(0o755)
        self.tls, self.plain, self.status = free_port(), free_port(), free_port()
        self.modules = modules
        self.process = Process([], self.folder / "nginx.log")
        self.certificate = self.folder / "fullchain.pem"
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-days", "2", "-subj", f"/CN={NAME}",
            "-addext", f"subjectAltName=DNS:{NAME}",
            "-keyout", self.folder / "privkey.pem", "-out", self.certificate)
        for name in ("conf.d", "modules-enabled", "fechatter", "temporary"):
            (self.folder / name).mkdir()
        self.write(servers, notifies)
        self.process = Process(
            ["nginx", "-e", self.folder / "error.log", "-c", self.folder / "nginx.conf",
             "-p", self.folder, "-g", "daemon off;"], self.folder / "nginx.log")

    def write(self, servers, notifies):
        upstreams = (GATEWAY / "upstreams.conf").read_text()
        upstreams = upstream(upstreams, "fechatter_server", servers)
        upstreams = upstream(upstreams, "notify_server", notifies)
        site = self.placed((GATEWAY / "nginx.conf").read_text())
        site = site.replace("listen 80;", f"listen 127.0.0.1:{self.plain};")
        site = site.replace("listen 443 ", f"listen 127.0.0.1:{self.tls} ")
        site = site.replace("127.0.0.1:7680", f"127.0.0.1:{self.status}")
        main = self.placed((GATEWAY / "main.conf").read_text())
        if os.geteuid():
            main = main.replace("user www-data;\n", "")
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        own = "".join(f"{kind}_temp_path {self.folder}/temporary/{kind};\n" for kind in kinds)
        for name, text in {"nginx.conf": main, "conf.d/0_test.conf": own,
                           "conf.d/fechatter_upstreams.conf": upstreams,
                           "conf.d/fechatter.conf": site}.items():
            (self.folder / name).write_text(text)
        for module in self.modules:
            name = Path(module).stem
            (self.folder / f"modules-enabled/{name}.conf").write_text(f"load_module {module};\n")

    def placed(self, text):
        for former, here in {"/etc/nginx/mime.types": "\0", "/etc/nginx": str(self.folder),
                             "/etc/ssl/fechatter": str(self.folder),
                             "/var/log/nginx": str(self.folder),
                             "/run/nginx.pid": f"{self.folder}/nginx.pid"}.items():
            text = text.replace(former, here)
        return text.replace("\0", "/etc/nginx/mime.types")

    def start(self):
        run("nginx", "-t", "-e", self.folder / "error.log", "-c", self.folder / "nginx.conf",
            "-p", self.folder, env={"PATH": PATH})
        self.process.spawn()
        eventually(lambda: not self.process.runs() or listens(self.tls))
        if not self.process.runs():
            raise RuntimeError(self.process.log() + (self.folder / "error.log").read_text())
        return self

    def workers(self):
        children = Path(f"/proc/{self.process.child.pid}/task/{self.process.child.pid}/children")
        return set(children.read_text().split())

    def reload(self):
        """Returns when new workers serve."""
        before = self.workers()
        self.process.child.send_signal(signal.SIGHUP)
        eventually(lambda: self.workers() - before)

    def log(self):
        path = self.folder / "fechatter.log"
        return path.read_text() if path.exists() else ""

    def stop(self):
        self.process.end()
        shutil.rmtree(self.folder, ignore_errors=True)
