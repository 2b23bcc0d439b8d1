#!/usr/bin/env python3
"""What deploy/kubernetes says: ports, probes, graces, references, rights, secrets. Nothing is run;
where kustomize and the schemas of Kubernetes are to be had, they are asked as well (tools.py).
"""

import base64
import copy
import re
import subprocess
import unittest
from pathlib import Path

import yaml

from overlay import (FOREIGN, KUBERNETES, OVERLAYS, ROOT, WORKLOADS, Overlay, allowed,
                     config_maps_of, connections, environment, in_order, overlay_kind, secrets,
                     secrets_of, selects, settings)
from render import HASH, documents, nodes
from tools import Tools


class Kubernetes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.overlays = [Overlay(name) for name in OVERLAYS]
        cls.secrets = secrets("--s3", "AKIAEXAMPLE", "/dev/null", "--meilisearch")

    def test_probes_have_their_paths_and_periods(self):
        for overlay in self.overlays:
            for name, port in (("fechatter-server", 6688), ("notify-server", 6687)):
                container, = overlay.pods()[name]["spec"]["containers"]
                self.assertEqual(self.port_of(container, "http"), port)
                live, ready = container["livenessProbe"], container["readinessProbe"]
                self.assertEqual(live["httpGet"], {"path": "/health/simple", "port": "http"})
                self.assertEqual((live["initialDelaySeconds"], live["periodSeconds"]), (30, 10))
                self.assertEqual(ready["httpGet"], {"path": "/health", "port": "http"})
                self.assertEqual((ready["initialDelaySeconds"], ready["periodSeconds"]), (5, 5))
                start = container["startupProbe"]
                self.assertEqual(start["httpGet"]["path"], "/health/simple")
                self.assertGreaterEqual(start["periodSeconds"] * start["failureThreshold"], 60)

    def port_of(self, container, name):
        port, = [port["containerPort"] for port in container["ports"] if port["name"] == name]
        return port

    def test_every_pod_that_stays_has_all_probes(self):
        for overlay in self.overlays:
            for name, template in overlay.pods().items():
                if overlay_kind(overlay, name) == "Job":
                    continue
                for container in template["spec"]["containers"]:
                    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                        self.assertIn(probe, container, name)

    def test_a_pod_is_not_killed_before_it_has_drained(self):
        drains = {
            "fechatter-server": settings("fechatter_server")["server"]["shutdown_grace_ms"],
            "notify-server": settings("notify_server")["events"]["drain_ms"],
        }
        for overlay in self.overlays:
            for name, drain in drains.items():
                spec = overlay.pods()[name]["spec"]
                container, = spec["containers"]
                pause = int(container["lifecycle"]["preStop"]["exec"]["command"][1])
                self.assertGreaterEqual(pause, container["readinessProbe"]["periodSeconds"])
                self.assertGreaterEqual(spec["terminationGracePeriodSeconds"],
                                        pause + drain / 1000 + 10)

    def test_no_container_is_root_or_writes_its_image(self):
        for overlay in self.overlays:
            for name, spec, container in overlay.containers():
                pod, own = spec["securityContext"], container["securityContext"]
                self.assertTrue(pod["runAsNonRoot"], name)
                self.assertGreater(pod["runAsUser"], 0, name)
                self.assertEqual(pod["seccompProfile"], {"type": "RuntimeDefault"}, name)
                self.assertTrue(own["readOnlyRootFilesystem"], name)
                self.assertFalse(own["allowPrivilegeEscalation"], name)
                self.assertEqual(own["capabilities"], {"drop": ["ALL"]}, name)
                self.assertFalse(spec["automountServiceAccountToken"], name)
                for forbidden in ("hostNetwork", "hostPID", "hostIPC"):
                    self.assertNotIn(forbidden, spec)
                self.assertFalse([v for v in spec.get("volumes", []) if "hostPath" in v], name)

    def test_the_servers_run_as_the_user_of_the_image(self):
        user = int(re.search(r"--uid (\d+)", (ROOT / "Dockerfile").read_text()).group(1))
        for overlay in self.overlays:
            for name in ("fechatter-server", "notify-server", "fechatter-migrate"):
                self.assertEqual(overlay.pods()[name]["spec"]["securityContext"]["runAsUser"], user)

    def test_every_container_has_the_resources_that_the_documents_name(self):
        expected = {"fechatter-server": ("1", "2Gi"), "meilisearch": ("500m", "2Gi")}
        for overlay in self.overlays:
            for name, _, container in overlay.containers():
                resources = container["resources"]
                self.assertEqual(resources["requests"].keys(), {"cpu", "memory"}, name)
                self.assertIn("memory", resources["limits"], name)
                if name in expected:
                    asked = resources["requests"]
                    self.assertEqual((asked["cpu"], asked["memory"]), expected[name])
            postgres = overlay.one("Cluster", "postgres")["spec"]["resources"]["requests"]
            self.assertEqual((postgres["cpu"], postgres["memory"]), ("1", "4Gi"))
        nats = yaml.safe_load((KUBERNETES / "nats/one_node.yaml").read_text())
        asked = nats["container"]["merge"]["resources"]["requests"]
        self.assertEqual((asked["cpu"], asked["memory"]), ("500m", "1Gi"))

    def test_everything_that_is_referred_to_is_there(self):
        for overlay in self.overlays:
            made = {(item["kind"], item["metadata"]["name"]) for item in overlay.objects}
            for node in (node for item in overlay.objects for node in nodes(item)):
                for name in config_maps_of(node):
                    self.assertIn(("ConfigMap", name), made)
                for name, keys in secrets_of(node):
                    self.check_secret(name, keys)
                if claim := node.get("persistentVolumeClaim"):
                    self.assertIn(("PersistentVolumeClaim", claim["claimName"]), made)
                if target := node.get("scaleTargetRef"):
                    self.assertIn((target["kind"], target["name"]), made)

    def check_secret(self, name, keys):
        if name == "gateway-certificate":
            return  # of cert-manager, or by hand: docs/kubernetes.md
        self.assertIn(name, self.secrets)
        for key in keys:
            self.assertIn(key, self.secrets[name]["data"], name)

    def test_mounts_name_volumes_and_every_volume_is_mounted(self):
        for overlay in self.overlays:
            for item in overlay.all(*WORKLOADS):
                spec = item["spec"]["template"]["spec"]
                made = {volume["name"] for volume in spec.get("volumes", [])}
                made |= {claim["metadata"]["name"]
                         for claim in item["spec"].get("volumeClaimTemplates", [])}
                used = {mount["name"] for container in spec["containers"]
                        for mount in container.get("volumeMounts", [])}
                self.assertEqual(used, made, item["metadata"]["name"])

    def test_files_that_settings_name_are_in_mounted_secrets(self):
        for overlay in self.overlays:
            for name in ("fechatter-server", "notify-server"):
                spec = overlay.pods()[name]["spec"]
                container, = spec["containers"]
                volumes = {volume["name"]: volume for volume in spec["volumes"]}
                mounts = {mount["mountPath"]: volumes[mount["name"]]
                          for mount in container["volumeMounts"]}
                for value in environment(overlay, container).values():
                    if not str(value).startswith("/run/"):
                        continue
                    folder, _, file = value.rpartition("/")
                    secret = mounts[folder]["secret"]
                    self.assertIn(file, self.secrets[secret["secretName"]]["data"])

    def test_services_find_their_pods_and_ports(self):
        for overlay in self.overlays:
            for service in overlay.all("Service"):
                spec = service["spec"]
                found = [template for template in overlay.pods().values()
                         if selects(spec["selector"], template)]
                self.assertEqual(len(found), 1, service["metadata"]["name"])
                container = found[0]["spec"]["containers"][0]
                for port in spec["ports"]:
                    self.assertEqual(self.port_of(container, port["targetPort"]), port["port"])

    def test_budgets_and_spreads_are_of_the_pods_they_stand_at(self):
        for overlay in self.overlays:
            budgets = overlay.all("PodDisruptionBudget")
            for deployment in overlay.all("Deployment"):
                template = deployment["spec"]["template"]
                self.assertTrue(selects(deployment["spec"]["selector"]["matchLabels"], template))
                kept = [b for b in budgets if selects(b["spec"]["selector"]["matchLabels"], template)]
                self.assertEqual(len(kept), 1, deployment["metadata"]["name"])
                for spread in template["spec"]["topologySpreadConstraints"]:
                    self.assertTrue(selects(spread["labelSelector"]["matchLabels"], template))

    def test_every_pod_is_fenced_and_every_connection_is_allowed_at_both_ends(self):
        for overlay in self.overlays:
            policies = overlay.all("NetworkPolicy")
            rest = [p for p in policies if p["spec"]["podSelector"] == {}
                    and not p["spec"].get("ingress") and not p["spec"].get("egress")]
            self.assertEqual([sorted(p["spec"]["policyTypes"]) for p in rest],
                             [["Egress", "Ingress"]])
            for client, server, port in connections(overlay):
                self.assertTrue(allowed(policies, "egress", "to", client, server, port),
                                f"{client} may not reach {server}:{port}")
                self.assertTrue(allowed(policies, "ingress", "from", server, client, port),
                                f"{server}:{port} is not open to {client}")
            for stranger in ({"app": "gateway"}, {"app": "meilisearch"}, {"app": "other"}):
                for server, port in (({"cnpg.io/cluster": "postgres"}, 5432),
                                     ({"app.kubernetes.io/name": "nats"}, 4222)):
                    self.assertFalse(allowed(policies, "ingress", "from", server, stranger, port))

    def test_every_variable_is_a_setting(self):
        for overlay in self.overlays:
            for name, file in (("fechatter-server", "fechatter_server"),
                               ("notify-server", "notify_server"),
                               ("fechatter-migrate", "fechatter_server")):
                container, = overlay.pods()[name]["spec"]["containers"]
                for variable in environment(overlay, container):
                    self.check_variable(variable, settings(file))

    def check_variable(self, variable, known):
        if variable in ("DATABASE_URL", "NATS_URL"):
            return
        self.assertTrue(variable.startswith("FECHATTER_"), variable)
        place = known
        for part in variable.removeprefix("FECHATTER_").lower().split("__"):
            self.assertIn(part, place, variable)
            place = place[part]

    def test_monitors_and_the_autoscaler_ask_for_what_there_is(self):
        overlay = self.overlays[1]
        for name in ("fechatter_server", "notify_server"):
            object_name = name.replace("_", "-")
            port = settings(name)["admin"]["port"]
            monitor = overlay.one("ServiceMonitor", object_name)["spec"]
            endpoint, = monitor["endpoints"]
            self.assertEqual((endpoint["port"], endpoint["path"]), ("admin", "/metrics"))
            service = overlay.one("Service", object_name)
            self.assertLessEqual(monitor["selector"]["matchLabels"].items(),
                                 service["metadata"]["labels"].items())
            container, = overlay.pods()[object_name]["spec"]["containers"]
            self.assertEqual(self.port_of(container, "admin"), port)
            rules = overlay.one("NetworkPolicy", "counts")["spec"]["ingress"]
            self.assertIn(port, [item["port"] for item in rules[0]["ports"]])
        scaler = overlay.one("HorizontalPodAutoscaler", "notify-server")["spec"]
        metric = scaler["metrics"][0]["pods"]["metric"]["name"]
        sources = (ROOT / "notify_server").rglob("*.cpp")
        self.assertTrue(any(f'"{metric}"' in path.read_text() for path in sources), metric)

    def test_no_secret_is_in_clear(self):
        for overlay in self.overlays:
            self.assertEqual(overlay.all("Secret"), [])
            for _, _, container in overlay.containers():
                for item in container.get("env", []):
                    if re.search("PASSWORD|SECRET|KEY$|TOKEN|_URL$", item["name"]) and \
                            "value" in item and "MEILISEARCH_URL" not in item["name"]:
                        self.fail(f"{item['name']} is in clear")
            for config in overlay.all("ConfigMap"):
                for name, value in config["data"].items():
                    self.assertNotRegex(value, r"//[^/\s:]+:[^/\s@]+@", name)
                    self.assertNotIn("PRIVATE KEY", value)
        for file in KUBERNETES.rglob("*"):
            if file.is_file():
                self.assertNotRegex(file.read_text(), r"-----BEGIN|postgresql://\w+:[^$%]\w+@")

    def test_secrets_are_new_each_time_and_fit_each_other(self):
        again = secrets()
        for name in ("fechatter-owner", "fechatter-nats", "fechatter-signing-key"):
            self.assertNotEqual(again[name]["data"], self.secrets[name]["data"])
        self.assertNotIn("fechatter-s3", again)
        for name, role in (("fechatter-owner", "fechatter"), ("fechatter-notify", "fechatter_notify"),
                           ("fechatter-application", "fechatter_app")):
            password = self.value(name, "password")
            self.assertTrue(self.value(name, "url").startswith(f"postgresql://{role}:{password}@"))
        known = self.value("fechatter-nats", "passwords.conf")
        for user in ("server", "notify"):
            password = self.value(f"fechatter-nats-{user}", "password")
            self.assertIn(f"{user}_password: {password}\n", known)
        self.assertIn("\ninclude passwords.conf\n", self.value("fechatter-nats", "users.conf"))

    def value(self, name, key):
        return base64.b64decode(self.secrets[name]["data"][key]).decode()

    def test_images_have_versions_and_ours_is_that_of_the_build(self):
        version = re.search(r"project\(fechatter VERSION ([\d.]+)",
                            (ROOT / "CMakeLists.txt").read_text()).group(1)
        for overlay in self.overlays:
            for name, _, container in overlay.containers():
                self.assertRegex(container["image"], r":\d+\.\d|:v\d+\.\d", name)
                if "fechatter" in container["image"]:
                    self.assertTrue(container["image"].endswith(f":{version}"), container["image"])

    def test_three_nodes_survive_the_loss_of_one(self):
        overlay = self.overlays[1]
        for deployment in overlay.all("Deployment"):
            name = deployment["metadata"]["name"]
            scaler = [s for s in overlay.all("HorizontalPodAutoscaler")
                      if s["spec"]["scaleTargetRef"]["name"] == name]
            count = scaler[0]["spec"]["minReplicas"] if scaler else deployment["spec"]["replicas"]
            self.assertGreaterEqual(count, 2, name)
            if scaler:
                self.assertNotIn("replicas", deployment["spec"])
            spread, = deployment["spec"]["template"]["spec"]["topologySpreadConstraints"]
            self.assertEqual(spread["whenUnsatisfiable"], "DoNotSchedule")
        self.assertEqual(overlay.one("Cluster", "postgres")["spec"]["instances"], 3)
        server = overlay.one("ConfigMap", "fechatter-server")["data"]
        self.assertEqual(server["FECHATTER_NATS__STREAM_REPLICAS"], "3")
        claim = overlay.one("PersistentVolumeClaim", "fechatter-files")["spec"]
        self.assertEqual(claim["accessModes"], ["ReadWriteMany"])

    def test_nats_and_postgresql_have_the_settings_that_are_promised(self):
        nats = yaml.safe_load((KUBERNETES / "nats/one_node.yaml").read_text())
        self.assertEqual(nats["config"]["jetstream"]["merge"]["sync_interval"], "always")
        tag = re.match(r"(\d+)\.(\d+)\.(\d+)", nats["container"]["image"]["tag"])
        self.assertGreaterEqual(tuple(map(int, tag.groups())), (2, 10, 23))
        for overlay in self.overlays:
            parameters = overlay.one("Cluster", "postgres")["spec"]["postgresql"]["parameters"]
            self.assertEqual(parameters["synchronous_commit"], "on")
            self.assertEqual(parameters["log_error_verbosity"], "terse")

    def test_kustomize_renders_the_same(self):
        kustomize = Tools().kustomize()
        if not kustomize:
            return
        for overlay in self.overlays:
            text = subprocess.run([kustomize, "build", KUBERNETES / "overlays" / overlay.name],
                                  check=True, text=True, stdout=subprocess.PIPE).stdout
            # The hash of a generated ConfigMap, in its name.
            text = re.sub(r"\b(gateway-(?:site|main))-[a-z0-9]{10}\b", rf"\1{HASH}", text)
            self.assertEqual(in_order(documents(text)), in_order(overlay.objects))

    def test_the_objects_fit_the_schemas_of_kubernetes(self):
        validate = Tools().validator()
        if not validate:
            return
        for overlay in self.overlays:
            for item in overlay.objects:
                if item["kind"] not in FOREIGN:
                    validate(item)
        wrong = copy.deepcopy(self.overlays[0].one("Deployment", "gateway"))
        wrong["spec"]["replicaz"] = 1
        with self.assertRaises(Exception):
            validate(wrong)

    def test_the_monitors_fit_the_definition_of_the_prometheus_operator(self):
        tools = Tools()
        if not tools.validator():
            return
        validate = tools.monitor_validator()
        if not validate:
            return
        monitors = [item for overlay in self.overlays for item in overlay.all("ServiceMonitor")]
        self.assertTrue(monitors)
        for item in monitors:
            validate(item)
        for change in ({"endpointz": []}, {"endpoints": [{"port": 7688}]}):
            wrong = copy.deepcopy(monitors[0])
            wrong["spec"].update(change)
            with self.assertRaises(Exception):
                validate(wrong)


if __name__ == "__main__":
    unittest.main(verbosity=2)
