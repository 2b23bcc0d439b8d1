#!/usr/bin/env python3
"""The profiles of docker-compose.yml: what is started with them is confined as the servers are,
finds what it works with, and opens nothing to other machines. The images are not run."""

import http.server
import json
import re
import shutil
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "deploy/compose"
PROFILES = {"meilisearch": {"meilisearch", "search_key"},
            "monitoring": {"grafana", "prometheus"},
            "s3": {"s3", "s3_bucket"}}


def load(path):
    return yaml.safe_load(path.read_text())


def variables(path):
    """Of a file for .env."""
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


class Profiles(unittest.TestCase):
    text = (ROOT / "docker-compose.yml").read_text()
    file = yaml.safe_load(text)
    services = file["services"]

    def mounts(self, service):
        """Where each volume or file is, by its name."""
        found = {}
        for mount in self.services[service].get("volumes", []):
            source, target = re.fullmatch(r"(.*?):(/[^:]*)(?::ro)?", mount).groups()
            found[source] = target
        return found

    def neighbours(self, network):
        return {name for name, service in self.services.items()
                if network in service.get("networks", [])}

    def shared(self, one, other):
        return set(self.services[one]["networks"]) & set(self.services[other]["networks"])

    def port_of(self, command, option):
        """The port at the end of an option of a program."""
        return int(re.search(rf"{option}\S*:(\d+)", " ".join(command)).group(1))

    def test_each_profile_starts_its_services_and_no_others(self):
        found = {}
        for name, service in self.services.items():
            for profile in service.get("profiles", []):
                found.setdefault(profile, set()).add(name)
        self.assertEqual(found, PROFILES)

    def test_what_monitoring_and_s3_start_is_confined(self):
        for name in PROFILES["monitoring"] | PROFILES["s3"]:
            service = self.services[name]
            self.assertIs(service["read_only"], True, name)
            self.assertEqual(service["cap_drop"], ["ALL"], name)
            self.assertEqual(service["security_opt"], ["no-new-privileges:true"], name)
            self.assertGreater(service["pids_limit"], 0, name)
            if service["image"] != "fechatter:local":  # it has a user
                self.assertNotIn(service["user"].split(":")[0], ("", "0", "root"), name)
            if service["restart"] != "no":
                self.assertIn("mem_limit", service, name)
                self.assertIn("healthcheck", service, name)

    def test_ports_are_published_on_this_machine_only(self):
        for name, service in self.services.items():
            for port in service.get("ports", []):
                self.assertRegex(port, r"^(127\.0\.0\.1|\$\{FECHATTER_ADDRESS:-127\.0\.0\.1\}):",
                                 name)

    def test_the_build_has_what_the_dockerfile_copies(self):
        allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines()
                   if line.startswith("!")]
        copies = re.findall(r"^COPY (?!--from)((?:.|\\\n)*?) \S+$",
                            (ROOT / "Dockerfile").read_text(), re.M)
        sources = [source for copy in copies for source in copy.replace("\\\n", " ").split()]
        self.assertGreater(len(sources), 20)
        for source in sources:
            self.assertTrue((ROOT / source).exists(), source)
            self.assertTrue(any(source == name or source.startswith(f"{name}/")
                                for name in allowed), f".dockerignore leaves out {source}")

    # The listeners for operators.

    def test_prometheus_scrapes_both_servers_by_their_names_and_ports(self):
        jobs = load(COMPOSE / "prometheus.yml")["scrape_configs"]
        targets = {job["job_name"]: job["static_configs"][0]["targets"] for job in jobs}
        expected = {}
        for name in ("fechatter_server", "notify_server"):
            port = load(ROOT / f"config/{name}.yml")["admin"]["port"]
            expected[name] = [f"{name}:{port}"]
        self.assertEqual(targets, expected)

    def test_the_jobs_are_those_of_the_rules(self):
        own, other = load(COMPOSE / "prometheus.yml"), load(ROOT / "deploy/prometheus/prometheus.yml")
        for file in (own, other):
            for job in file["scrape_configs"]:
                del job["static_configs"]
        self.assertEqual(own, other)

    def test_prometheus_shares_a_network_with_each_server_alone(self):
        for name in ("fechatter_server", "notify_server"):
            network, = self.shared("prometheus", name)
            self.assertEqual(self.neighbours(network), {"prometheus", name})
            self.assertTrue(self.file["networks"][network]["internal"])

    def test_the_listeners_for_operators_are_opened_by_the_setting_alone_and_never_published(self):
        for name in ("fechatter_server", "notify_server"):
            service = self.services[name]
            self.assertEqual(service["environment"]["FECHATTER_ADMIN__ADDRESS"],
                             "${FECHATTER_ADMIN_ADDRESS:-127.0.0.1}")
            admin = load(ROOT / f"config/{name}.yml")["admin"]["port"]
            for port in service["ports"]:
                self.assertNotEqual(port.rpartition(":")[2], str(admin))
        self.assertEqual(variables(COMPOSE / "monitoring.env"),
                         {"FECHATTER_ADMIN_ADDRESS": "0.0.0.0"})

    def test_prometheus_reads_its_configuration_and_the_rules(self):
        mounts = self.mounts("prometheus")
        command = self.services["prometheus"]["command"]
        config = mounts["./deploy/compose/prometheus.yml"]
        self.assertIn(f"--config.file={config}", command)
        self.assertIn(f"--storage.tsdb.path={mounts['prometheus_data']}", command)
        rules, = load(COMPOSE / "prometheus.yml")["rule_files"]
        self.assertEqual(mounts["./deploy/prometheus/rules.yml"], str(Path(config).parent / rules))

    def test_promtool_takes_the_configuration(self):
        if not shutil.which("promtool"):
            self.skipTest("there is no promtool")
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(COMPOSE / "prometheus.yml", folder)
            shutil.copy(ROOT / "deploy/prometheus/rules.yml", folder)
            subprocess.run(["promtool", "check", "config", f"{folder}/prometheus.yml"], check=True,
                           stdout=subprocess.DEVNULL)

    def test_grafana_finds_prometheus_and_the_dashboards(self):
        source, = load(COMPOSE / "grafana_source.yml")["datasources"]
        name, port = re.fullmatch(r"http://(\w+):(\d+)", source["url"]).groups()
        self.assertTrue(self.shared("grafana", name))
        self.assertIn(f":{port}/", self.services[name]["healthcheck"]["test"][-1])
        self.assertTrue(source["isDefault"])
        provider, = load(COMPOSE / "grafana_folder.yml")["providers"]
        mounts = self.mounts("grafana")
        self.assertEqual(provider["options"]["path"], mounts["./deploy/grafana"])
        for file, folder in (("source", "datasources"), ("folder", "dashboards")):
            self.assertEqual(Path(mounts[f"./deploy/compose/grafana_{file}.yml"]).parent.name,
                             folder)
        for dashboard in (ROOT / "deploy/grafana").glob("*.json"):
            variable, = json.loads(dashboard.read_text())["templating"]["list"]
            self.assertEqual(variable["query"], source["type"])

    def test_grafana_wants_the_password_that_init_has_made(self):
        settings = self.services["grafana"]["environment"]
        path = settings["GF_SECURITY_ADMIN_PASSWORD__FILE"]
        self.assertEqual(path, f"{self.mounts('grafana')['grafana_secret']}/password")
        made = self.mounts("init")["grafana_secret"]
        init = (COMPOSE / "init").read_text()
        self.assertIn(f"secret {made}/password\n", init)
        user = self.services["grafana"]["user"].split(":")[0]
        self.assertIn(f"chown {user} {made}/password\n", init)
        self.assertEqual((settings["GF_AUTH_ANONYMOUS_ENABLED"],
                          settings["GF_USERS_ALLOW_SIGN_UP"]), ("false", "false"))

    # The store of files.

    def test_the_settings_of_s3_name_the_store_and_its_bucket(self):
        wanted = variables(COMPOSE / "s3.env")
        for name in wanted:
            self.assertIn(f"${{{name}:-", self.text)
        service, port = re.fullmatch(r"http://(\w+):(\d+)",
                                     wanted["FECHATTER_S3_ENDPOINT"]).groups()
        network, = self.shared("fechatter_server", service)
        self.assertEqual(self.neighbours(network), {"fechatter_server", service})
        self.assertIn(f":{port}/", self.services[service]["healthcheck"]["test"][-1])
        self.assertIn(f" {wanted['FECHATTER_S3_ENDPOINT']}/{wanted['FECHATTER_S3_BUCKET']})\n",
                      (COMPOSE / "s3_bucket").read_text())
        key = self.mounts("fechatter_server")["s3_server_secret"] + "/key"
        self.assertEqual(wanted["FECHATTER_S3_SECRET"], key)

    def test_a_key_of_the_store_does_what_its_service_needs_and_no_more(self):
        wanted = variables(COMPOSE / "s3.env")
        bucket = wanted["FECHATTER_S3_BUCKET"]
        rights = {item["credentials"][0]["accessKey"]: item["actions"]
                  for item in load(COMPOSE / "s3_keys.json")["identities"]}
        self.assertEqual(rights, {
            wanted["FECHATTER_S3_ACCESS_KEY_ID"]: [f"Read:{bucket}", f"Write:{bucket}",
                                                   f"List:{bucket}"],
            "setup": [f"Admin:{bucket}"]})
        options = self.services["s3"]["command"]
        self.assertIn(f"-s3.config={self.mounts('s3')['s3_secret']}/keys.json", options)
        self.assertIn(f"-dir={self.mounts('s3')['s3_data']}", options)

    def test_init_writes_a_secret_for_each_key_and_keeps_those_that_are_there(self):
        with tempfile.TemporaryDirectory() as folder:
            first = self.keys_of_init(folder)
            self.assertEqual(self.keys_of_init(folder), first)
            (Path(folder) / "s3_server/key").unlink()
            self.assertNotEqual(self.keys_of_init(folder), first)

    def keys_of_init(self, folder):
        """Runs what init does for the store, below a folder."""
        for name in ("s3", "s3_server", "s3_setup", "s3_data"):
            (Path(folder) / name).mkdir(exist_ok=True)
        init = (COMPOSE / "init").read_text()
        functions = "".join(re.findall(r"^(?:secret|give|s3_keys)\(\) \{\n.*?^\}\n", init,
                                       re.M | re.S))
        functions = re.sub(r'(?<=[ "])/s3', f"{folder}/s3", functions)
        functions = functions.replace("/usr/local/share/fechatter", str(COMPOSE))
        subprocess.run(["bash", "-euc", f"umask 077; chown() {{ :; }}\n{functions}\ns3_keys"],
                       check=True)
        keys = json.loads((Path(folder) / "s3/keys.json").read_text())["identities"]
        found = {item["name"]: item["credentials"][0]["secretKey"] for item in keys}
        self.assertEqual(found, {
            "fechatter_server": (Path(folder) / "s3_server/key").read_text().strip(),
            "setup": (Path(folder) / "s3_setup/key").read_text().strip()})
        self.assertGreaterEqual(min(map(len, found.values())), 40)
        return found

    def test_s3_bucket_ends_well_when_the_bucket_is_there(self):
        asked, answers = [], [200, 409, 403]

        class Store(http.server.BaseHTTPRequestHandler):
            def do_PUT(self):
                asked.append((self.path, self.headers["Authorization"]))
                self.send_response(answers[len(asked) - 1])
                self.end_headers()

            def log_message(self, *_):
                pass

        with tempfile.TemporaryDirectory() as folder, \
                http.server.HTTPServer(("127.0.0.1", 0), Store) as store:
            threading.Thread(target=store.serve_forever, daemon=True).start()
            (Path(folder) / "key").write_text("a secret\n")
            script = (COMPOSE / "s3_bucket").read_text()
            for name, here in {"/run/s3_setup": folder, "/tmp/": f"{folder}/",
                               "http://s3:8333": f"http://127.0.0.1:{store.server_port}"}.items():
                self.assertIn(name, script)
                script = script.replace(name, here)
            codes = [subprocess.run(["bash", "-c", script], check=False,
                                    capture_output=True).returncode for _ in answers]
            store.shutdown()
        self.assertEqual(codes, [0, 0, 1])
        for path, signature in asked:
            self.assertEqual(path, "/fechatter")
            self.assertRegex(signature, r"^AWS4-HMAC-SHA256 Credential=setup/\d+/us-east-1/s3/")

    # As Compose reads it.

    def test_compose_takes_each_profile_with_its_settings(self):
        compose = self.compose()
        if not compose:
            self.skipTest("there is no Compose")
        for profile, services in PROFILES.items():
            done = subprocess.run(
                [*compose, *self.options(profile), "--profile", profile, "config"], cwd=ROOT,
                check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
            config = yaml.safe_load(done.stdout)
            self.assertTrue(services <= set(config["services"]), profile)
            server = config["services"]["fechatter_server"]["environment"]
            self.assertEqual(server["FECHATTER_ADMIN__ADDRESS"],
                             "0.0.0.0" if profile == "monitoring" else "127.0.0.1")
            self.assertEqual(server["FECHATTER_FILES__STORE"],
                             "s3" if profile == "s3" else "disk")

    def compose(self):
        if shutil.which("docker-compose"):
            return ["docker-compose"]
        if shutil.which("docker") and not subprocess.run(
                ["docker", "compose", "version"], check=False, capture_output=True).returncode:
            return ["docker", "compose"]
        return None

    def options(self, profile):
        path = COMPOSE / f"{profile}.env"
        return ["--env-file", str(path)] if path.exists() else []


if __name__ == "__main__":
    unittest.main(warnings="ignore")
