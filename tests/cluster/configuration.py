"""What docs/cluster.md gives each of three hosts: the settings of etcd, Patroni, NATS and our
servers, for hosts that know each other by name."""

import json
import shutil
from pathlib import Path

from running import OF_BOTH, QUICK, ROOT, STREAMS

PORTS = {"etcd": 2379, "peers": 2380, "patroni": 8008, "postgres": 5432, "nats": 4222,
         "routes": 6222, "monitor": 8222, "server": 6688, "notify": 6687}


def urls(hosts, scheme, port):
    return ",".join(f"{scheme}://{host.name}:{PORTS[port]}" for host in hosts)


def etcd(host, hosts):
    """A member of three; in memory here, so nothing is gained by a wait for a disk."""
    return ["etcd", "--name", host.name, "--data-dir", host.folder / "etcd",
            "--listen-client-urls", f"http://{host.address}:{PORTS['etcd']}",
            "--advertise-client-urls", f"http://{host.name}:{PORTS['etcd']}",
            "--listen-peer-urls", f"http://{host.address}:{PORTS['peers']}",
            "--initial-advertise-peer-urls", f"http://{host.name}:{PORTS['peers']}",
            "--initial-cluster", ",".join(f"{other.name}=http://{other.name}:{PORTS['peers']}"
                                          for other in hosts),
            "--initial-cluster-state", "new", "--logger", "zap", "--log-level", "warn"]


def patroni(host, hosts, home, secret):
    """The file of Patroni. JSON is YAML."""
    return json.dumps({
        "scope": "fechatter",
        "name": host.name,
        "restapi": {"listen": f"{host.address}:{PORTS['patroni']}",
                    "connect_address": f"{host.name}:{PORTS['patroni']}"},
        "etcd3": {"hosts": [f"{other.name}:{PORTS['etcd']}" for other in hosts]},
        "bootstrap": {
            "dcs": {
                # A primary that is silent for `ttl` seconds has a successor.
                "ttl": 20, "loop_wait": 2, "retry_timeout": 5,
                # Without it, a failover may lose what was acknowledged.
                "synchronous_mode": True,
                "postgresql": {"use_pg_rewind": True, "use_slots": True},
            },
            "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, "data-checksums"],
        },
        "postgresql": {
            "listen": f"{host.address}:{PORTS['postgres']}",
            "connect_address": f"{host.name}:{PORTS['postgres']}",
            "data_dir": str(home / "data"),
            "bin_dir": str(home / "bin"),
            "pgpass": str(home / "pgpass"),
            "authentication": {
                "superuser": {"username": "postgres", "password": secret},
                "replication": {"username": "replicator", "password": secret},
                "rewind": {"username": "rewinder", "password": secret},
            },
            # Else a new standby waits minutes for the primary's next checkpoint.
            "basebackup": [{"checkpoint": "fast"}],
            "pg_hba": ["local all all trust", "host all all 10.77.0.0/24 scram-sha-256",
                       "host replication replicator 10.77.0.0/24 scram-sha-256"],
            "parameters": {"unix_socket_directories": str(home), "synchronous_commit": "on",
                           "max_connections": 100, "shared_buffers": "64MB",
                           "max_wal_size": "256MB", "wal_sender_timeout": "5s"},
        },
    })


def nats(host, hosts, sync):
    """The file of nats-server, with the users of an installation."""
    return f"""server_name: {host.name}
listen: "{host.address}:{PORTS['nats']}"
http: "{host.address}:{PORTS['monitor']}"
jetstream {{
  store_dir: "{host.folder}/nats"
  {"sync_interval: always" if sync else ""}
}}
cluster {{
  name: fechatter
  listen: "{host.address}:{PORTS['routes']}"
  routes: [{urls([other for other in hosts if other is not host], "nats", "routes")}]
}}
""" + (ROOT / "deploy/nats/users.conf").read_text()


def database_url(role, password, hosts):
    names = ",".join(f"{host.name}:{PORTS['postgres']}" for host in hosts)
    return f"postgresql://{role}:{password}@{names}/fechatter?target_session_attrs=read-write"


def nats_url(user, password, hosts):
    return ",".join(f"nats://{user}:{password}@{host.name}:{PORTS['nats']}" for host in hosts)


def servers(host, keys, database_urls, nats_urls):
    """The environments of fechatter_server and of notify_server."""
    both = {**OF_BOTH, "FECHATTER_SERVER__ADDRESS": host.address,
            "FECHATTER_HTTP__INTERNAL_ADDRESSES": "10.77.0.0/24"}
    server = {**both, **QUICK, "FECHATTER_SERVER__PORT": str(PORTS["server"]),
              "DATABASE_URL": database_urls["fechatter_app"],
              "NATS_URL": nats_urls["fechatter_server"],
              "FECHATTER_NATS__STREAM_REPLICAS": "3",
              "FECHATTER_AUTH__ACCESS_TOKEN_SECONDS": "1800",  # for a round
              "FECHATTER_FILES__FOLDER": str(host.folder / "files"),
              "FECHATTER_AUTH__PRIVATE_KEY": str(keys / "private.pem")}
    notify = {**both, **STREAMS, "FECHATTER_SERVER__PORT": str(PORTS["notify"]),
              "DATABASE_URL": database_urls["fechatter_notify"],
              "NATS_URL": nats_urls["notify_server"],
              "FECHATTER_EVENTS__HEARTBEAT_SECONDS": "1",
              "FECHATTER_EVENTS__RETRY_MS": "200",
              "FECHATTER_AUTH__PUBLIC_KEY": str(keys / "public.pem")}
    return server, notify


def write(path, text, owner=None):
    path = Path(path)
    path.write_text(text)
    path.chmod(0o600)
    if owner:
        shutil.chown(path, owner, owner)
    return path
