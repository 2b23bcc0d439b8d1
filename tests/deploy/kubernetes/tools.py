"""kustomize and the schemas of the Prometheus operator (through Go's module proxy), and those of
Kubernetes (kubernetes-validate, from PyPI), installed once into the build folder; loudly skipped
where they cannot be had."""

import json
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
OPERATOR = "github.com/prometheus-operator/prometheus-operator@v0.85.0"
MONITORS = "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml"


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


def strict(schema):
    """The schema of a CustomResourceDefinition, which takes no field that it does not name."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(value) for key, value in schema.items()}
    if isinstance(made.get("properties"), dict) and "type" in made:
        if not made.get("x-kubernetes-preserve-unknown-fields"):
            made.setdefault("additionalProperties", False)
    if made.pop("x-kubernetes-int-or-string", False):
        made.pop("type", None)
    return made


class Tools:
    @staticmethod
    def go():
        return shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")

    def kustomize(self):
        """The path of the program, or nothing."""
        here = FOLDER / f"bin-{KUSTOMIZE.rpartition('@')[2]}"
        found = here / "kustomize"
        if found.exists():
            return found
        if not self.go():
            skip("kustomize", "there is no Go")
            return None
        done = succeeds([self.go(), "install", KUSTOMIZE], "kustomize", GOBIN=str(here), GOFLAGS="",
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

    def monitor_validator(self):
        """A function that throws for a ServiceMonitor that does not fit the operator's definition,
        or nothing. After validator(), which brings the library."""
        modules = FOLDER / "modules"
        definition = modules / OPERATOR / MONITORS
        if not definition.exists():
            if not self.go():
                skip("ServiceMonitors", "there is no Go")
                return None
            if not succeeds([self.go(), "mod", "download", OPERATOR], "ServiceMonitors",
                            GOMODCACHE=str(modules), GOFLAGS="-modcacherw", GOTOOLCHAIN="local"):
                return None
        import jsonschema
        import yaml

        versions = yaml.safe_load(definition.read_text())["spec"]["versions"]
        schema, = [strict(version["schema"]["openAPIV3Schema"]) for version in versions
                   if version["name"] == "v1"]
        schema["properties"]["metadata"] = {"type": "object"}
        return lambda item: jsonschema.validate(item, json.loads(json.dumps(schema, default=str)))
