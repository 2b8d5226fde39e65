"""Records objects of a real cluster with what `kubectl describe` says of them.

    python tests/tools/record_describe.py OUT --kubeconfig FILE --kubectl 1.20=PATH 1.32=PATH
        --object pods:NAMESPACE:NAME nodes::NAME ...

Each object becomes KIND-NAME.json (the object and what is around it, without managed fields and
without what tells machines apart) and a KIND-NAME.VERSION.txt for each kubectl.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import time
from pathlib import Path
from typing import Any

from k8stui.resources.describe import JsonObject, Query, related_queries

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_TRIES = 8


class Recorder:
    """Asks one cluster through several kubectl binaries; the first one fetches the objects."""

    def __init__(self, kubeconfig: str, binaries: dict[str, str]) -> None:
        self._kubeconfig = kubeconfig
        self._binaries = binaries

    def _run(self, version: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [self._binaries[version], "--kubeconfig", self._kubeconfig, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def _get(self, *arguments: str) -> Any:
        answer = self._run(next(iter(self._binaries)), "get", *arguments, "-o", "json")
        if answer.returncode:
            raise SystemExit(f"get {' '.join(arguments)}: {answer.stderr}")
        return json.loads(answer.stdout)

    def _answer(self, query: Query) -> list[JsonObject]:
        arguments = [query.kind_key]
        arguments += ["-n", query.namespace] if query.namespace else ["-A"]
        arguments += ["-l", query.label_selector] if query.label_selector else []
        arguments += ["--field-selector", query.field_selector] if query.field_selector else []
        return list(self._get(*arguments)["items"])

    def _around(self, kind: str, obj: JsonObject) -> dict[str, list[JsonObject]]:
        found: dict[str, list[JsonObject]] = {}
        for query in related_queries(_kind_key(kind), obj):
            found.setdefault(query.purpose, []).extend(self._answer(query))
        if _kind_key(kind) == "nodes":
            found["pods"] = [_counted(pod) for pod in found["pods"]]
        return found

    def record(self, kind: str, namespace: str, name: str) -> tuple[JsonObject, dict[str, str]]:
        """(what goes into the JSON file, the text of each kubectl), of one unchanged moment."""
        scope = ["-n", namespace] if namespace else []
        for _ in range(_TRIES):
            obj = self._get(kind, name, *scope)
            around = self._around(kind, obj)
            texts, taken = {}, {}
            for version in self._binaries:
                answer = self._run(version, "describe", kind, name, *scope)
                taken[version] = int(time.time())
                if answer.returncode == 0:
                    texts[version] = answer.stdout
            again = self._get(kind, name, *scope)
            if again == obj and self._around(kind, again) == around:
                break
        record = {"kind_key": _kind_key(kind), "object": obj, "related": around, "taken": taken}
        return record, texts


def _kind_key(kind: str) -> str:
    """`horizontalpodautoscalers.v2beta2.autoscaling` without its version."""
    return re.sub(r"\.v\d\w*(?=\.|$)", "", kind, count=1)


def _counted(pod: JsonObject) -> JsonObject:
    """A pod on a node, with what counts there and no more: there are many."""
    metadata, spec = pod["metadata"], pod["spec"]
    return {
        "metadata": {key: metadata[key] for key in ("namespace", "name", "creationTimestamp")},
        "spec": {
            group: [{"name": one["name"], "resources": one["resources"]} for one in spec[group]]
            for group in ("initContainers", "containers")
            if group in spec
        },
    }


def _scrubbed(value: Any, *, secret: bool = False) -> Any:
    """Without managed fields, and without the last applied configuration but of Secrets."""
    if isinstance(value, list):
        return [_scrubbed(item) for item in value]
    if not isinstance(value, dict):
        return value
    secret = secret or value.get("kind") == "Secret"
    dropped = (
        ("managedFields", "selfLink") if secret else ("managedFields", "selfLink", _LAST_APPLIED)
    )
    return {
        key: _scrubbed(item, secret=secret) for key, item in value.items() if key not in dropped
    }


def _replacements(record: JsonObject) -> dict[str, str]:
    """What tells one machine from another, and what stands for it."""
    info = record["object"].get("status", {}).get("nodeInfo", {})
    stand_ins = {
        "machineID": "0123456789abcdef0123456789abcdef",
        "systemUUID": "01234567-89ab-cdef-0123-456789abcdef",
        "bootID": "fedcba98-7654-3210-fedc-ba9876543210",
        "kernelVersion": "6.1.0-18-amd64",
    }
    return {info[key]: stand_in for key, stand_in in stand_ins.items() if info.get(key)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--kubeconfig", required=True)
    parser.add_argument("--kubectl", nargs="+", required=True, metavar="VERSION=PATH")
    parser.add_argument("--object", nargs="+", required=True, metavar="KIND:NAMESPACE:NAME")
    arguments = parser.parse_args()
    binaries = dict(item.split("=", 1) for item in arguments.kubectl)
    recorder = Recorder(arguments.kubeconfig, binaries)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for item in arguments.object:
        kind, namespace, name = item.split(":")
        record, texts = recorder.record(kind, namespace, name)
        texts = {f"{version}.txt": text for version, text in texts.items()}
        texts["json"] = json.dumps(_scrubbed(record), separators=(",", ":"), sort_keys=True) + "\n"
        stem = kind.replace(".", "-") + "-" + name
        for ending, text in texts.items():
            for old, new in _replacements(record).items():
                text = text.replace(old, new)
            text = re.sub(r"\bdefault-scheduler-[\w.-]+", "default-scheduler-node-1", text)
            (arguments.out / f"{stem}.{ending}").write_text(text)
        print(stem, *sorted(texts))


if __name__ == "__main__":
    main()
