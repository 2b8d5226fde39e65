"""Volumes of pods and sources of persistent volumes, each in a line or two."""

from __future__ import annotations

from k8stui.resources.describe.builder import DocumentBuilder
from k8stui.resources.describe.values import (
    NONE,
    UNSET,
    JsonObject,
    flag,
    joined,
    mapping,
    objects,
    pairs_text,
    show,
    string,
    strings,
)

# The API's key of each source, kubectl's word for it, and the keys that are shown even when unset.
_SOURCES: dict[str, tuple[str, tuple[str, ...]]] = {
    "hostPath": ("HostPath", ("path", "type")),
    "emptyDir": ("EmptyDir", ("medium", "sizeLimit")),
    "gcePersistentDisk": ("GCEPersistentDisk", ("pdName", "fsType", "partition", "readOnly")),
    "awsElasticBlockStore": (
        "AWSElasticBlockStore",
        ("volumeID", "fsType", "partition", "readOnly"),
    ),
    "gitRepo": ("GitRepo", ("repository", "revision")),
    "secret": ("Secret", ("secretName", "optional")),
    "configMap": ("ConfigMap", ("name", "optional")),
    "nfs": ("NFS", ("server", "path", "readOnly")),
    "iscsi": (
        "ISCSI",
        (
            "targetPortal",
            "iqn",
            "lun",
            "iscsiInterface",
            "fsType",
            "readOnly",
            "portals",
            "chapAuthDiscovery",
            "chapAuthSession",
            "secretRef",
            "initiatorName",
        ),
    ),
    "glusterfs": ("Glusterfs", ("endpoints", "path", "readOnly")),
    "persistentVolumeClaim": ("PersistentVolumeClaim", ("claimName", "readOnly")),
    "rbd": (
        "RBD",
        ("monitors", "image", "fsType", "pool", "user", "keyring", "secretRef", "readOnly"),
    ),
    "quobyte": ("Quobyte", ("registry", "volume", "readOnly")),
    "azureDisk": (
        "AzureDisk",
        ("diskName", "diskURI", "kind", "fsType", "cachingMode", "readOnly"),
    ),
    "azureFile": ("AzureFile", ("secretName", "shareName", "readOnly")),
    "vsphereVolume": ("vSphereVolume", ("volumePath", "fsType", "storagePolicyName")),
    "cinder": ("Cinder", ("volumeID", "fsType", "readOnly", "secretRef")),
    "photonPersistentDisk": ("PhotonPersistentDisk", ("pdID", "fsType")),
    "portworxVolume": ("PortworxVolume", ("volumeID",)),
    "scaleIO": (
        "ScaleIO",
        (
            "gateway",
            "system",
            "protectionDomain",
            "storagePool",
            "storageMode",
            "volumeName",
            "fsType",
            "readOnly",
        ),
    ),
    "cephfs": ("CephFS", ("monitors", "path", "user", "secretFile", "secretRef", "readOnly")),
    "storageos": ("StorageOS", ("volumeName", "volumeNamespace", "fsType", "readOnly")),
    "fc": ("FC", ("targetWWNs", "lun", "fsType", "readOnly")),
    "flexVolume": ("FlexVolume", ("driver", "fsType", "secretRef", "readOnly", "options")),
    "flocker": ("Flocker", ("datasetName", "datasetUUID")),
    "csi": ("CSI", ("driver", "fsType", "volumeHandle", "readOnly", "volumeAttributes")),
    "local": ("LocalVolume", ("path",)),
    "image": ("Image", ("reference", "pullPolicy")),
    "downwardAPI": ("DownwardAPI", ()),
    "projected": ("Projected", ()),
    "ephemeral": ("EphemeralVolume", ()),
}
_FLAGS = ("readOnly", "optional", "chapAuthDiscovery", "chapAuthSession")
_NUMBERS = ("lun", "partition")
# A claim's and a volume's own keys, which are no source.
_OWN_KEYS = ("name", "capacity", "accessModes", "claimRef", "nodeAffinity", "mountOptions")


def write_volumes(out: DocumentBuilder, spec: JsonObject) -> None:
    """The volumes of a pod's spec."""
    volumes = objects(spec, "volumes")
    if not volumes:
        out.field("Volumes", NONE)
        return
    out.heading("Volumes")
    with out.nested():
        for volume in volumes:
            kind, facts, details = source_of(volume)
            out.field(string(volume, "name"), f"{kind}  {facts}".rstrip())
            with out.nested():
                for line in details:
                    out.text(line)


def source_of(volume: JsonObject) -> tuple[str, str, list[str]]:
    """(kind, facts in one line, lines of its items) of a volume's source, a pod's or a PV's."""
    for key, (kind, shown) in _SOURCES.items():
        if isinstance(volume.get(key), dict):
            source: JsonObject = volume[key]
            return kind, _facts(source, shown), _items(key, source)
    for key, value in volume.items():
        if key not in _OWN_KEYS and isinstance(value, dict):
            return show(key), _facts(value, ()), []
    return "<unknown>", "", []


def _facts(source: JsonObject, shown: tuple[str, ...]) -> str:
    rest = [key for key in source if key not in (*shown, "items", "sources", "volumeClaimTemplate")]
    keys = [key for key in shown if key in source or key not in ("volumeHandle",)]
    facts = (f"{key}: {_value(source, key)}" for key in (*keys, *sorted(rest, key=str)))
    return ", ".join(facts)


def _value(source: JsonObject, key: str) -> str:
    value = source.get(key)
    if key in _FLAGS:
        return show(flag(source, key))
    if value is None:
        return "0" if key in _NUMBERS else UNSET
    if isinstance(value, list):
        return f"[{' '.join(show(item) for item in value)}]"
    if isinstance(value, dict):
        return string(value, "name") if set(value) <= {"name", "namespace"} else pairs_text(value)
    return show(value) or UNSET


def _items(key: str, source: JsonObject) -> list[str]:
    if key == "downwardAPI":
        return _downward(source)
    if key == "ephemeral":
        template = mapping(source, "volumeClaimTemplate", "spec")
        return [
            f"StorageClass: {string(template, 'storageClassName') or UNSET}",
            f"Access Modes: {joined(strings(template, 'accessModes'))}",
            f"Capacity: {string(template, 'resources', 'requests', 'storage') or UNSET}",
        ]
    lines = [
        f"{string(item, 'key')} -> {string(item, 'path')}" for item in objects(source, "items")
    ]
    for part in objects(source, "sources"):
        lines += _projected(part)
    return lines


def _projected(part: JsonObject) -> list[str]:
    lines = []
    for key, kind in (("secret", "Secret"), ("configMap", "ConfigMap")):
        found = mapping(part, key)
        if found:
            optional = show(flag(found, "optional"))
            lines.append(f"{kind} {string(found, 'name')}, optional: {optional}")
            lines += [f"  {line}" for line in _items(key, found)]
    if mapping(part, "downwardAPI"):
        lines += ["DownwardAPI", *(f"  {line}" for line in _downward(mapping(part, "downwardAPI")))]
    token = mapping(part, "serviceAccountToken")
    if token:
        audience = string(token, "audience")
        text = f"ServiceAccountToken {string(token, 'path')}, expires after "
        text += f"{string(token, 'expirationSeconds') or '3600'}s"
        lines.append(f"{text}, audience: {audience}" if audience else text)
    bundle = mapping(part, "clusterTrustBundle")
    if bundle:
        lines.append(f"ClusterTrustBundle {_facts(bundle, ())}")
    return lines


def _downward(source: JsonObject) -> list[str]:
    return [
        f"{string(item, 'fieldRef', 'fieldPath') or string(item, 'resourceFieldRef', 'resource')}"
        f" -> {string(item, 'path')}"
        for item in objects(source, "items")
    ]
