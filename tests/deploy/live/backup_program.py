#!/usr/bin/env python3
"""deploy/backup/backup without PostgreSQL: what it keeps, what it removes, what it refuses."""

import os
import pwd
import shutil
import tempfile
import unittest
from pathlib import Path

from cluster import BIN
from running import ROOT, program, run, skip

BACKUP = ROOT / "deploy/backup/backup"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


class BackupProgram(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="fechatter-backup-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.store, self.files = self.folder / "store", self.folder / "files"
        self.files.mkdir()

    def backup(self, *command):
        return run(BACKUP, *command, env={
            "FECHATTER_BACKUP_CONFIG": "/dev/null", "FECHATTER_BACKUP_FOLDER": str(self.store),
            "FECHATTER_BACKUP_FILES": str(self.files), "FECHATTER_BACKUP_PGBIN": str(BIN),
            "FECHATTER_BACKUP_KEYS": str(self.folder / "keys"), "FECHATTER_BACKUP_KEEP": "2",
            "FECHATTER_BACKUP_PGDATA": str(self.folder / "data"),
            "FECHATTER_BACKUP_OWNER": pwd.getpwuid(os.geteuid()).pw_name})

    def base(self, name, wal, ended):
        """A base backup as far as the program looks at it."""
        folder = self.store / "base" / name
        folder.mkdir(parents=True)
        (folder / "backup_label").write_text(f"START WAL LOCATION: 0/2000028 (file {wal})\n")
        (folder / "backup_manifest").write_text("{}")
        os.utime(folder / "backup_manifest", (ended, ended))

    def test_a_file_of_wal_is_archived_once_and_never_replaced(self):
        wal = self.folder / "wal"
        wal.write_bytes(b"one" * 1000)
        name = "0000000100000000000000A1"
        self.backup("archive", wal, name)
        self.backup("archive", wal, name)  # PostgreSQL asks again after a crash
        self.assertEqual(names(self.store / "wal"), [name])
        wal.write_bytes(b"two" * 1000)
        with self.assertRaisesRegex(RuntimeError, "is another file"):
            self.backup("archive", wal, name)
        self.assertEqual((self.store / "wal" / name).read_bytes(), b"one" * 1000)
        with self.assertRaisesRegex(RuntimeError, "no file of WAL"):
            self.backup("archive", wal, "../../etc/passwd")

    def test_files_are_copied_once_without_those_under_way(self):
        for path in ("1/aaa/bbb/c.png", "tmp/upload", "partial/upload"):
            (self.files / path).parent.mkdir(parents=True)
            (self.files / path).write_text(path)
        self.backup("files")
        self.backup("files")
        self.assertEqual(names(self.store / "files"), ["1"])
        (self.files / "1/aaa/bbb/c.png").unlink()  # collected; the backup keeps it
        self.backup("files")
        self.assertTrue((self.store / "files/1/aaa/bbb/c.png").exists())

    def test_keys_are_copied_for_their_owner_alone(self):
        (self.folder / "keys").mkdir()
        key = self.folder / "keys/private.pem"
        key.write_text("secret")
        key.chmod(0o600)
        self.backup("files")
        self.assertEqual((self.store / "keys").stat().st_mode & 0o077, 0)
        self.assertEqual((self.store / "keys/private.pem").stat().st_mode & 0o077, 0)

    def test_base_backups_but_the_newest_are_removed_with_the_wal_before_them(self):
        for day, wal in ((1, "02"), (2, "04"), (3, "06")):
            self.base(f"2026010{day}T000000Z", f"0000000100000000000000{wal}", day)
        (self.store / "wal").mkdir()
        for number in range(1, 8):
            (self.store / "wal" / f"00000001000000000000000{number}").touch()
        self.backup("expire")
        self.assertEqual(names(self.store / "base"), ["20260102T000000Z", "20260103T000000Z"])
        self.assertEqual(names(self.store / "wal")[0], "000000010000000000000004")

    def test_a_restore_takes_the_newest_base_backup_that_had_ended_by_then(self):
        for day in (1, 2, 3):
            self.base(f"2026010{day}T000000Z", "000000010000000000000002", 86_400 * day)
        self.backup("restore", "1970-01-03 12:00:00+00")
        settings = (self.folder / "data/postgresql.auto.conf").read_text()
        self.assertIn("recovery_target_time = '1970-01-03 12:00:00+00'", settings)
        self.assertEqual((self.folder / "data/backup_manifest").stat().st_mtime, 86_400 * 2)
        with self.assertRaisesRegex(RuntimeError, "is not empty"):
            self.backup("restore")
        shutil.rmtree(self.folder / "data")
        with self.assertRaisesRegex(RuntimeError, "no base backup that had ended"):
            self.backup("restore", "1970-01-01 12:00:00+00")
        for wrong in ("soon", "2026-01-01'; DROP TABLE users"):
            with self.assertRaisesRegex(RuntimeError, "no time"):
                self.backup("restore", wrong)


if __name__ == "__main__":
    if not program("rsync"):
        skip("tests/deploy/live/backup_program.py", "there is no rsync; deploy/local/packages test")
    unittest.main(verbosity=2, warnings="ignore")
