"""kustomize (through Go's module proxy) and the schemas of Kubernetes (kubernetes-validate, from
PyPI), installed once into the build folder; loudly skipped where they cannot be had."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FOLDER = Path(os.environ.get("FECHATTER_BUILD_DIR", ROOT / "build")) / "kubernetes"
KUSTOMIZE = "sigs.k8s.io/kustomize/kustomize/v5@v5.7.1"
SCHEMAS = "kubernetes-validate==1.37.0"
VERSION = "1.34"  # of Kubernetes


def skip(what, reason):
    print(f"=== SKIPPED: tests/deploy/kubernetes: {what}: {reason}", flush=True)


def succeeds(command, what, **variables):
    """Whether it did; a program that cannot be had is no failure of ours."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    log = FOLDER / "install.log"
    try:
        with log.open("ab") as output:
            subprocess.run(command, env={**os.environ, **variables}, stdin=subprocess.DEVNULL,
                           stdout=output, stderr=output, check=True, timeout=400)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        skip(what, f"it cannot be installed; {log}")
        return False
    return True


class Tools:
    def kustomize(self):
        """The path of the program, or nothing."""
        here = FOLDER / f"bin-{KUSTOMIZE.rpartition('@')[2]}"
        found = here / "kustomize"
        if found.exists():
            return found
        go = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
        if not go:
            skip("kustomize", "there is no Go")
            return None
        done = succeeds([go, "install", KUSTOMIZE], "kustomize", GOBIN=str(here), GOFLAGS="",
                        GOTOOLCHAIN="local")
        return found if done else None

    def validator(self):
        """A function that throws for an object that does not fit its schema, or nothing."""
        venv = FOLDER / f"venv-{SCHEMAS.rpartition('=')[2]}"
        if not (venv / "installed").exists():
            pip = [venv / "bin/pip", "install", "--quiet", SCHEMAS]
            made = succeeds([sys.executable, "-m", "venv", venv], "schemas") and \
                succeeds(pip, "schemas")
            if not made:
                return None
            (venv / "installed").touch()
        library, = venv.glob("lib/python3*/site-packages")
        sys.path.insert(0, str(library))
        import kubernetes_validate

        return lambda item: kubernetes_validate.validate(item, VERSION, strict=True)
