"""What the description says beside the functions and models that are generated from it."""

import json
import pkgutil
import re

from fechatter_client import api, models

METHODS = ("get", "put", "post", "delete", "options", "head", "patch")


def snake_case(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def model_of(reference):
    """The generated class of a schema that has a name."""
    name = reference["$ref"].removeprefix("#/components/schemas/")
    return getattr(models, name)


class Description:
    def __init__(self, text):
        document = json.loads(text)
        self.tags = {}  # by the name of the operation, as that of its module
        self.of_notify_server = set()
        self.events = {}
        for path in document["paths"].values():
            for method in METHODS:
                if method in path:
                    self._add(path, path[method])

    def _add(self, path, operation):
        name = snake_case(operation["operationId"])
        self.tags[name] = operation["tags"][0]
        if path.get("x-served-by") == ["notify_server"]:
            self.of_notify_server.add(name)
        for event, reference in operation.get("x-events", {}).items():
            self.events[event] = model_of(reference)

    def operations(self, without_tags):
        return {name for name, tag in self.tags.items() if tag not in without_tags}

    def missing_functions(self):
        generated = {
            module.name.rpartition(".")[2]
            for module in pkgutil.walk_packages(api.__path__, api.__name__ + ".")
            if not module.ispkg
        }
        return self.tags.keys() - generated


def name_of(operation):
    return operation.__name__.rpartition(".")[2]
