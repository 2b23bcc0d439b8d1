"""Three hosts with everything on each: etcd, PostgreSQL under Patroni, NATS, both servers."""

import http.client
import json
import os
import re
import secrets
import shutil
from pathlib import Path

import clock_faults
import configuration
from cluster import AS_OWNER, BIN, documented_roles, own
from configuration import PORTS
from hosts import Host, make_bridge
from running import binary, eventually, run

NAMES = ("host1", "host2", "host3")
USERS = {"admin": "admin", "fechatter_server": "server", "notify_server": "notify"}
STREAM = "FECHATTER_EVENTS"


class ThreeHosts:
    def __init__(self, nats_program):
        self.folder = Path(os.environ["FECHATTER_CLUSTER_FOLDER"])
        make_bridge(NAMES)
        self.hosts = [Host(name, number, self.folder) for number, name in enumerate(NAMES, 1)]
        self.nats_program = nats_program
        # Debian 12's does not know the word.
        version = re.search(r"v?(\d+)\.(\d+)", run(nats_program, "--version"))
        self.nats_syncs = tuple(map(int, version.groups())) >= (2, 11)
        self.secret = secrets.token_hex(12)
        self.passwords = {}
        self.keys = self.folder / "keys"

    def start(self):
        for host in self.hosts:
            host.add("etcd", configuration.etcd(host, self.hosts))
            self.add_postgres(host)
            self.add_nats(host)
            host.start()
        eventually(lambda: self.roles().get("sync_standby") and self.roles().get("replica"), 120)
        self.make_roles()
        self.keys.mkdir(mode=0o711)
        run(binary("FECHATTER_SERVER_BINARY"), "keys", "--private", self.keys / "private.pem",
            "--public", self.keys / "public.pem")
        for host in self.hosts:
            self.add_servers(host)
        self.migrate()
        for host in self.hosts:
            host.start()
        eventually(lambda: all(self.health(host, kind).get("status") == "healthy"
                               for host in self.hosts for kind in ("server", "notify")), 60)
        return self

    def add_postgres(self, host):
        home = own(host.add_disk("postgres"))
        clock_faults.set_clock(host, "+0")
        programs = home / "bin"
        programs.mkdir()
        for path in BIN.iterdir():
            (programs / path.name).symlink_to(path)
        script = programs / "postgres"
        script.unlink()
        script.write_text(clock_faults.program(BIN / "postgres", home / "clock"))
        script.chmod(0o755)
        path = configuration.write(
            home / "patroni.yml", configuration.patroni(host, self.hosts, home, self.secret),
            "postgres")
        host.add("patroni", [*AS_OWNER, "env", f"HOME={home}", "patroni", path])

    def add_nats(self, host):
        path = configuration.write(
            host.folder / "nats.conf", configuration.nats(host, self.hosts, self.nats_syncs))
        host.add_disk("nats")
        (host.folder / "secret").mkdir()
        configuration.write(host.folder / "secret/passwords.conf", "".join(
            f"{name}_password: p{self.secret}\n" for name in USERS.values()))
        host.add("nats", [self.nats_program, "-c", path])

    def add_servers(self, host):
        databases = {role: configuration.database_url(role, password, self.hosts)
                     for role, password in self.passwords.items()}
        streams = {user: configuration.nats_url(user, f"p{self.secret}", self.hosts)
                   for user in USERS}
        server, notify = configuration.servers(host, self.keys, databases, streams)
        host.add("fechatter_server", [binary("FECHATTER_SERVER_BINARY")], server)
        host.add("notify_server", [binary("NOTIFY_SERVER_BINARY")], notify)

    def make_roles(self):
        for statement in documented_roles():
            if role := re.match(r"CREATE ROLE (\w+) .*PASSWORD", statement):
                self.passwords[role.group(1)] = secrets.token_hex(12)
                statement = statement.replace("…", self.passwords[role.group(1)])
            self.sql(statement)
        # A standby that lacks the database ends the search for the primary.
        known = "SELECT count(*) FROM pg_database WHERE datname = 'fechatter'"
        eventually(lambda: all(self.sql(known, host=host) == "1" for host in self.hosts), 30)

    def migrate(self):
        owner = configuration.database_url("fechatter", self.passwords["fechatter"], self.hosts)
        host = self.hosts[0]
        host.within(binary("FECHATTER_SERVER_BINARY"), "migrate", env={
            **host.processes["fechatter_server"].env, "FECHATTER_DATABASE__MIGRATION_URL": owner})

    def sql(self, statement, database="postgres", host=None):
        """By the superuser, at the primary unless a host is given."""
        host = host or self.primary()
        return run(*AS_OWNER, BIN / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h",
                   host.folder / "postgres", "-U", "postgres", "-d", database, "-c",
                   statement).strip()

    def ask(self, host, port, path, method="GET", body=None, timeout=2):
        connection = http.client.HTTPConnection(host.address, PORTS[port], timeout=timeout)
        try:
            connection.request(method, path, json.dumps(body) if body else None,
                               {"Content-Type": "application/json"} if body else {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            return 0, repr(error)
        finally:
            connection.close()

    def ask_json(self, host, port, path):
        status, text = self.ask(host, port, path)
        return json.loads(text) if status and text.startswith("{") else {}

    def health(self, host, kind):
        return self.ask_json(host, kind, "/health")

    def members(self):
        """Of Patroni's cluster, by any host that answers."""
        for host in self.hosts:
            members = self.ask_json(host, "patroni", "/cluster").get("members")
            if members:
                return members
        return []

    def roles(self):
        """Host names by role: leader, sync_standby, replica; those that run."""
        return {member["role"]: member["name"] for member in self.members()
                if member["state"] in ("running", "streaming")}

    def host(self, name):
        return next(host for host in self.hosts if host.name == name)

    def primary(self):
        """By its own word, not by that of the store, which is late after a death."""
        for host in self.hosts:
            if self.ask(host, "patroni", "/primary")[0] == 200:
                return host
        raise RuntimeError("there is no primary")

    def stream(self):
        """The stream of events, as its leader describes it: leader, replicas, state."""
        for host in self.hosts:
            details = self.ask_json(host, "monitor", "/jsz?streams=1&config=1")
            for account in details.get("account_details", []):
                for stream in account.get("stream_detail", []):
                    cluster = stream.get("cluster", {})
                    if stream["name"] == STREAM and cluster.get("leader") == host.name:
                        return stream
        return {}

    def stream_leader(self):
        return self.host(self.stream()["cluster"]["leader"])

    def has_all_of_stream(self, host):
        cluster = self.stream().get("cluster", {})
        return cluster.get("leader") == host.name or any(
            replica["name"] == host.name and replica.get("current")
            for replica in cluster.get("replicas", []))

    def relay(self):
        """The host whose fechatter_server publishes: the holder of the lease is `host:pid`."""
        holder = self.sql("SELECT holder FROM relay_state", "fechatter")
        pid = int(holder.rpartition(":")[2])
        return next(host for host in self.hosts
                    if host.processes["fechatter_server"].child.pid == pid)

    def find_unwell(self):
        """What does not have all of its three members; empty: all is well."""
        members = self.members()
        roles = set(self.roles())
        if roles != {"leader", "sync_standby", "replica"}:
            return f"PostgreSQL: {members}"
        if any(member.get("lag", 0) != 0 for member in members):
            return f"PostgreSQL lags: {members}"
        replicas = self.stream().get("cluster", {}).get("replicas", [])
        if [replica.get("current") and not replica.get("offline")
                for replica in replicas] != [True, True]:
            return f"the stream: {replicas}"
        for host in self.hosts:
            for kind in ("server", "notify"):
                health = self.health(host, kind)
                if health.get("status") != "healthy":
                    return f"{kind} of {host.name}: {health}"
        return ""

    def switch_over(self):
        """Asks Patroni to make the synchronous standby the primary."""
        roles = self.roles()
        return self.ask(self.host(roles["leader"]), "patroni", "/switchover", "POST",
                        {"leader": roles["leader"], "candidate": roles["sync_standby"]}, 60)

    def keep_logs(self, folder):
        shutil.rmtree(folder, ignore_errors=True)
        for host in self.hosts:
            target = folder / host.name
            target.mkdir(parents=True)
            for log in host.logs():
                shutil.copy(log, target)
