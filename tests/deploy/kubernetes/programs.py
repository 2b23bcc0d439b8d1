#!/usr/bin/env python3
"""What nginx and NATS say of the files that deploy/kubernetes gives them. They check, and serve
nothing."""

import base64
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from overlay import Overlay, secrets
from render import HASH
from tools import skip


def program(name):
    """Its path, or nothing, loudly."""
    found = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if not found:
        skip(name, "it is not installed; deploy/local/packages run test")
    return found


class Programs(unittest.TestCase):
    def check(self, *command):
        done = subprocess.run(command, text=True, check=False, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_nats_takes_its_users_from_the_secret(self):
        nats = program("nats-server")
        if not nats:
            return
        files = secrets()["fechatter-nats"]["data"]
        with tempfile.TemporaryDirectory() as folder:
            for name in ("nats-users", "nats-config"):
                Path(folder, name).mkdir()
            for name, content in files.items():
                Path(folder, "nats-users", name).write_bytes(base64.b64decode(content))
            # As the chart writes it: nats/one_node.yaml.
            main = Path(folder, "nats-config/nats.conf")
            main.write_text("include ../nats-users/users.conf\nport: 4222\n")
            self.check(nats, "-t", "-c", main)

    def test_nginx_takes_the_files_of_the_gateway(self):
        nginx = program("nginx")
        if not nginx:
            return
        overlay = Overlay("one-node")
        container, = overlay.pods()["gateway"]["spec"]["containers"]
        mounts = {mount["mountPath"] for mount in container["volumeMounts"]}
        site = overlay.one("ConfigMap", "gateway-site" + HASH)["data"]["fechatter.conf"]
        for named in re.findall(r"(/etc/ssl/\w+|/var/log/\w+)/", site):
            self.assertIn(named, mounts)
        with tempfile.TemporaryDirectory() as folder:
            main = overlay.one("ConfigMap", "gateway-main" + HASH)["data"]
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                 "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x", "-keyout",
                 f"{folder}/privkey.pem", "-out", f"{folder}/fullchain.pem"],
                check=True, stderr=subprocess.DEVNULL)
            for name, text in {"nginx.conf": main["nginx.conf"], "site.conf": site,
                               "upstreams.conf": main["upstreams.conf"]}.items():
                text = re.sub(r"server (fechatter|notify)-server:", "server 127.0.0.1:", text)
                for former in ("/etc/ssl/fechatter", "/var/log/nginx", "/etc/nginx/conf.d",
                               "/tmp"):
                    text = text.replace(former, folder)
                text = text.replace("/*.conf", "/[su]*.conf").replace("listen 80;", "listen 8080;")
                Path(folder, name).write_text(text.replace("listen 443 ", "listen 8443 "))
            self.check(nginx, "-t", "-e", f"{folder}/error.log", "-p", folder, "-c",
                       f"{folder}/nginx.conf")


if __name__ == "__main__":
    unittest.main(verbosity=2)
