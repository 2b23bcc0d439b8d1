"""A PostgreSQL as an operator sets it up: durable, with an archive, with the roles of
docs/operations.md."""

import os
import re
import secrets
import shutil
from pathlib import Path

from running import ROOT, Process, eventually, run

BIN = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
AS_OWNER = [] if os.geteuid() else ["setpriv", "--reuid", "postgres", "--regid", "postgres",
                                    "--init-groups", "--"]
OWNER = None if os.geteuid() else "postgres"


def own(path):
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if OWNER:
        shutil.chown(path, OWNER, OWNER)
    return path


def documented_roles():
    """The statements that docs/operations.md gives a superuser."""
    text = (ROOT / "docs/operations.md").read_text()
    return re.findall(r"^    (CREATE (?:ROLE|DATABASE) .*;)$", text, re.M)


class Cluster:
    def __init__(self, folder, port, configuration):
        """`configuration`: of deploy/backup/backup, in its environment."""
        self.home = own(folder / "postgres")
        self.data = self.home / "data"
        self.port = port
        self.passwords = {}
        self.process = Process(
            [*AS_OWNER, BIN / "postgres", "-D", self.data, "-p", port, "-k", self.home],
            folder / "postgres.log", {"FECHATTER_BACKUP_CONFIG": str(configuration)})

    def make(self):
        run(*AS_OWNER, BIN / "initdb", "-D", self.data, "--username", "postgres", "--encoding",
            "UTF8", "--locale", "C.UTF-8", "--auth-local", "trust", "--auth-host", "scram-sha-256",
            "--no-sync")
        # Its owner may not read the project: a clone of root's is in a folder of root's alone.
        program = shutil.copy(ROOT / "deploy/backup/backup", self.home)
        settings = (ROOT / "deploy/backup/postgresql.conf").read_text().replace(
            "/usr/local/lib/fechatter/backup", str(program))
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(settings + "listen_addresses = '127.0.0.1'\nsynchronous_commit = on\n")
        self.start()
        for statement in documented_roles():
            if role := re.match(r"CREATE ROLE (\w+) .*PASSWORD", statement):
                self.passwords[role.group(1)] = secrets.token_hex(12)
                statement = statement.replace("…", self.passwords[role.group(1)])
            self.sql(statement)
        self.sql("CREATE ROLE fechatter_backup LOGIN REPLICATION")
        return self

    def follow(self, primary):
        """Becomes a standby of it, to which all is sent before it is acknowledged."""
        source = f"host={primary.home} port={primary.port} user=fechatter_backup"
        run(*AS_OWNER, BIN / "pg_basebackup", "-d", source + " dbname=postgres", "-D", self.data,
            "--checkpoint=fast", "--write-recovery-conf")
        self.passwords = primary.passwords
        self.spawn()
        primary.sql("ALTER SYSTEM SET synchronous_standby_names = '*'")
        primary.sql("SELECT pg_reload_conf()")
        eventually(lambda: primary.sql("SELECT sync_state FROM pg_stat_replication") == "sync", 60)
        return self

    def promote(self):
        self.sql("SELECT pg_promote()")

    def spawn(self):
        self.process.spawn()
        ready = [*AS_OWNER, BIN / "pg_isready", "-q", "-h", str(self.home), "-p", str(self.port)]
        eventually(lambda: not self.process.runs() or succeeds(ready), 60)
        if not self.process.runs():
            raise RuntimeError(self.process.log())

    def start(self):
        self.spawn()
        eventually(lambda: self.sql("SELECT pg_is_in_recovery()") == "f", 60)
        return self

    def sql(self, statement, database="postgres"):
        return run(*AS_OWNER, BIN / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h",
                   self.home, "-p", self.port, "-U", "postgres", "-d", database, "-c",
                   statement).strip()

    def url(self, role):
        return f"postgresql://{role}:{self.passwords[role]}@127.0.0.1:{self.port}/fechatter"

    def archived(self):
        """Returns when all that is committed is in the archive."""
        name = self.sql("SELECT pg_walfile_name(pg_current_wal_lsn())")
        self.sql("SELECT pg_switch_wal()")
        eventually(lambda: self.sql("SELECT last_archived_wal FROM pg_stat_archiver") >= name, 30)


def succeeds(command):
    try:
        run(*command)
    except RuntimeError:
        return False
    return True
