"""The objects of an overlay, and what they say of each other."""

import subprocess
from pathlib import Path

import yaml

from render import documents, nodes, render

ROOT = Path(__file__).resolve().parents[3]
KUBERNETES = ROOT / "deploy/kubernetes"
OVERLAYS = ("one-node", "three-nodes")
WORKLOADS = ("Deployment", "StatefulSet", "Job")
# Made by operators that are installed before.
FOREIGN = {"Cluster", "ServiceMonitor"}


def settings(name):
    return yaml.safe_load((ROOT / f"config/{name}.yml").read_text())


class Overlay:
    def __init__(self, name):
        self.name = name
        self.objects = render(KUBERNETES / "overlays" / name)

    def all(self, *kinds):
        return [item for item in self.objects if item["kind"] in kinds]

    def one(self, kind, name):
        found, = [item for item in self.all(kind) if item["metadata"]["name"] == name]
        return found

    def pods(self):
        """The templates of all pods, by the name of what makes them."""
        return {item["metadata"]["name"]: item["spec"]["template"]
                for item in self.all(*WORKLOADS)}

    def containers(self):
        for name, template in self.pods().items():
            for container in template["spec"]["containers"]:
                yield name, template["spec"], container


def secrets(*options):
    """What deploy/kubernetes/secrets prints, by name."""
    text = subprocess.run([KUBERNETES / "secrets", *options], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    return {item["metadata"]["name"]: item for item in documents(text)}


def overlay_kind(overlay, name):
    kind, = [item["kind"] for item in overlay.all(*WORKLOADS) if item["metadata"]["name"] == name]
    return kind


def in_order(objects):
    return sorted(objects, key=lambda item: (item["kind"], item["metadata"]["name"]))


def selects(labels, template):
    return labels.items() <= template["metadata"]["labels"].items()


def config_maps_of(node):
    for key in ("configMapRef", "configMapKeyRef", "configMap"):
        if isinstance(node.get(key), dict):
            yield node[key]["name"]


def secrets_of(node):
    """Names, each with the keys that are asked for."""
    if reference := node.get("secretKeyRef"):
        yield reference["name"], [reference["key"]]
    for key in ("secretRef", "passwordSecret"):
        if key in node:
            yield node[key]["name"], []
    volume = node.get("secret")
    if isinstance(volume, dict):
        name = volume.get("secretName") or volume["name"]
        yield name, [item["key"] for item in volume.get("items", [])]


def environment(overlay, container):
    values = {}
    for source in container.get("envFrom", []):
        values |= overlay.one("ConfigMap", source["configMapRef"]["name"])["data"]
    for item in container.get("env", []):
        values[item["name"]] = item.get("value", "")
    return values


def connections(overlay):
    """Client, server, port: as labels of pods."""
    postgres, nats = {"cnpg.io/cluster": "postgres"}, {"app.kubernetes.io/name": "nats"}
    server, notify = {"app": "fechatter-server"}, {"app": "notify-server"}
    yield {"app": "gateway"}, server, 6688
    yield {"app": "gateway"}, notify, 6687
    for client in (server, notify):
        yield client, postgres, 5432
        yield client, nats, 4222
    yield {"app": "fechatter-migrate"}, postgres, 5432
    if any(item["metadata"]["name"] == "meilisearch" for item in overlay.objects):
        for client in (server, {"app": "search-key"}):
            yield client, {"app": "meilisearch"}, 7700


def allowed(policies, way, side, pod, other, port):
    """Whether a policy of `pod` lets it through to, or from, `other`."""
    for policy in policies:
        if not matches(policy["spec"]["podSelector"], pod):
            continue
        for rule in policy["spec"].get(way, []):
            peers = rule.get(side, [])
            ports = [item["port"] for item in rule.get("ports", [])]
            if port in ports and any("namespaceSelector" not in peer and
                                     matches(peer.get("podSelector"), other) for peer in peers):
                return True
    return False


def matches(selector, labels):
    if selector is None:
        return False
    for rule in selector.get("matchExpressions", []):
        if labels.get(rule["key"]) not in rule["values"]:
            return False
    return selector.get("matchLabels", {}).items() <= labels.items()
