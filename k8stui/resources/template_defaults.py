"""What the API server fills in where a pod template says nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_PROBE: Final[Mapping[str, object]] = {
    "timeoutSeconds": 1,
    "periodSeconds": 10,
    "successThreshold": 1,
    "failureThreshold": 3,
}
_MODE: Final[Mapping[str, object]] = {"defaultMode": 420}
_DEFAULTS: Final[Mapping[str, Mapping[str, object]]] = {
    "spec": {
        "restartPolicy": "Always",
        "dnsPolicy": "ClusterFirst",
        "schedulerName": "default-scheduler",
        "terminationGracePeriodSeconds": 30,
        "enableServiceLinks": True,
        "serviceAccountName": "default",
        "hostNetwork": False,
        "hostPID": False,
        "hostIPC": False,
        "shareProcessNamespace": False,
    },
    "containers": {
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "stdin": False,
        "stdinOnce": False,
        "tty": False,
    },
    "ports": {"protocol": "TCP"},
    "livenessProbe": _PROBE,
    "readinessProbe": _PROBE,
    "startupProbe": _PROBE,
    "httpGet": {"scheme": "HTTP", "path": "/"},
    "grpc": {"service": ""},
    "volumeMounts": {"readOnly": False},
    "secret": _MODE,
    "configMap": _MODE,
    "projected": _MODE,
    "downwardAPI": _MODE,
    "hostPath": {"type": ""},
    "iscsi": {"iscsiInterface": "default"},
    "rbd": {"pool": "rbd", "user": "admin", "keyring": "/etc/ceph/keyring"},
    "fieldRef": {"apiVersion": "v1"},
    "serviceAccountToken": {"expirationSeconds": 3600},
    "tolerations": {"operator": "Equal"},
    "securityContext": {},
    "resources": {},
}


def default_of(parent: str, field: str, holder: Mapping[str, object]) -> object:
    """The default of a field of the object that stands under `parent`, None where it has none.

    `holder` is that object: imagePullPolicy follows from its image, as the API server decides.
    """
    if parent == "initContainers":
        parent = "containers"
    if parent == "containers" and field == "imagePullPolicy":
        return _pull_policy(str(holder.get("image", "")))
    return _DEFAULTS.get(parent, {}).get(field)


def without_defaults(value: object, field: str = "") -> object:
    """The value of `field` without what the API server fills in, at any depth."""
    if isinstance(value, list):
        return [without_defaults(one, field) for one in value]
    if not isinstance(value, Mapping):
        return value
    return {
        name: without_defaults(one, name)
        for name, one in value.items()
        if one != default_of(field, name, value)
    }


def _pull_policy(image: str) -> str:
    name, _, digest = image.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    return "IfNotPresent" if digest or tag not in ("", "latest") else "Always"
