"""Renders the kustomizations of deploy/kubernetes: what of kustomize they use, and no more. A test
compares it with kustomize, where that is to be had."""

import copy
from pathlib import Path

import yaml

KNOWN = {"apiVersion", "kind", "namespace", "labels", "resources", "components", "images",
         "configMapGenerator", "patches", "replicas"}
# What kustomize adds to the name of a generated ConfigMap is a hash of its content.
HASH = "-hash"


def documents(text):
    return [document for document in yaml.safe_load_all(text) if document]


def render(folder):
    """The objects of an overlay, in no order."""
    objects = build(Path(folder).resolve(), [])
    for item in objects:
        name = item["metadata"]["name"]
        if item["kind"] == "ConfigMap" and name.endswith(HASH):
            rename(objects, name.removesuffix(HASH))
    return objects


def build(folder, objects):
    """A component changes the objects that are there; anything else begins with none."""
    described = yaml.safe_load((folder / "kustomization.yaml").read_text())
    if unknown := described.keys() - KNOWN:
        raise ValueError(f"{folder}: {unknown} is not rendered here")
    objects = list(objects)
    for name in described.get("resources", []):
        path = folder / name
        objects += build(path.resolve(), []) if path.is_dir() else documents(path.read_text())
    for generator in described.get("configMapGenerator", []):
        objects.append(config_map(folder, generator))
    for name in described.get("components", []):
        objects = build((folder / name).resolve(), objects)
    for patch in described.get("patches", []):
        apply_patch(objects, patch)
    for item in objects:
        change(item, described)
    return objects


def config_map(folder, generator):
    data = {}
    for file in generator["files"]:
        key, _, path = file.rpartition("=")
        data[key or Path(path).name] = (folder / path).read_text()
    return {"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": generator["name"] + HASH}, "data": data}


def nodes(value):
    """All maps of a tree."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from nodes(inner)


def rename(objects, name):
    for item in objects:
        for node in nodes(item):
            used = node.get("configMap")
            if isinstance(used, dict) and used.get("name") == name:
                used["name"] += HASH


def apply_patch(objects, patch):
    target = patch["target"]
    found = [item for item in objects
             if item["kind"] == target["kind"]
             and item["metadata"]["name"] == target.get("name", item["metadata"]["name"])]
    if not found:
        raise ValueError(f"a patch for {target} changes nothing")
    for item in found:
        for operation in yaml.safe_load(patch["patch"]):
            apply_operation(item, operation)


def apply_operation(item, operation):
    """RFC 6902, of which add makes missing maps, as kustomize's does not: then it fails there."""
    *way, last = [part.replace("~1", "/").replace("~0", "~")
                  for part in operation["path"].split("/")[1:]]
    place = item
    for part in way:
        place = place[int(part)] if isinstance(place, list) else place[part]
    value = copy.deepcopy(operation.get("value"))
    kind = operation["op"]
    if isinstance(place, list):
        if last == "-":
            place.append(value)
        elif kind == "add":
            place.insert(int(last), value)
        elif kind == "replace":
            place[int(last)] = value
        else:
            del place[int(last)]
        return
    if kind in ("replace", "remove") and last not in place:
        raise ValueError(f"{operation['path']}: there is nothing to {kind}")
    if kind == "remove":
        del place[last]
    else:
        place[last] = value


def change(item, described):
    if described.get("namespace"):
        if item["kind"] == "Namespace":
            item["metadata"]["name"] = described["namespace"]
        else:
            item["metadata"]["namespace"] = described["namespace"]
    for label in described.get("labels", []):
        item["metadata"].setdefault("labels", {}).update(label["pairs"])
        if template := item.get("spec", {}).get("template"):
            template["metadata"].setdefault("labels", {}).update(label["pairs"])
    for image in described.get("images", []):
        for node in nodes(item):
            if isinstance(node.get("image"), str) and node["image"] == image["name"]:
                node["image"] = f"{image.get('newName', image['name'])}:{image['newTag']}"
    for count in described.get("replicas", []):
        if item["kind"] in ("Deployment", "StatefulSet") and \
                item["metadata"]["name"] == count["name"]:
            item["spec"]["replicas"] = count["count"]
