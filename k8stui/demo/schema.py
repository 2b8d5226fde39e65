"""Which fields the workload kinds have, to refuse, warn of, or drop the ones that they don't."""

from __future__ import annotations

from typing import Any, Final

from k8stui.demo.bodies import go_type
from k8stui.demo.errors import ApiError, bad_request
from k8stui.demo.kinds import Kind
from k8stui.demo.model import Obj

Schema = dict[str, Any]
"""Field to its type: a Schema, a list with one Schema, `int`, `str`, `bool`, `dict` for a map of
texts, or None for anything."""


_LARGEST: Final = 2**31 - 1


def _fields(names: str, **typed: Any) -> Schema:
    return {**dict.fromkeys(names.split()), **typed}


_PROBE = _fields(
    "exec grpc httpGet tcpSocket terminationGracePeriodSeconds",
    initialDelaySeconds=int, timeoutSeconds=int, periodSeconds=int, successThreshold=int,
    failureThreshold=int,
)  # fmt: skip
_CONTAINER = _fields(
    "command args workingDir envFrom env resources resizePolicy restartPolicy volumeMounts "
    "volumeDevices lifecycle securityContext stdin stdinOnce tty restartPolicyRules "
    "terminationMessagePath terminationMessagePolicy targetContainerName",
    name=str, image=str, imagePullPolicy=str, livenessProbe=_PROBE, readinessProbe=_PROBE,
    startupProbe=_PROBE,
    ports=[_fields("name hostIP protocol", containerPort=int, hostPort=int)],
)  # fmt: skip
_POD: Schema = _fields(
    "volumes activeDeadlineSeconds dnsPolicy nodeSelector serviceAccountName serviceAccount "
    "automountServiceAccountToken nodeName hostNetwork hostPID hostIPC shareProcessNamespace "
    "securityContext imagePullSecrets hostname subdomain affinity schedulerName tolerations "
    "hostAliases priorityClassName priority dnsConfig readinessGates runtimeClassName "
    "enableServiceLinks preemptionPolicy overhead topologySpreadConstraints setHostnameAsFQDN os "
    "hostUsers schedulingGates resourceClaims resources ephemeralContainers hostnameOverride",
    restartPolicy=str, terminationGracePeriodSeconds=int, containers=[_CONTAINER],
    initContainers=[_CONTAINER],
)  # fmt: skip
_META = _fields(
    "selfLink generation creationTimestamp "
    "deletionTimestamp deletionGracePeriodSeconds ownerReferences finalizers managedFields "
    "clusterName",
    name=str,
    generateName=str,
    namespace=str,
    uid=str,
    resourceVersion=str,
    labels=dict,
    annotations=dict,
)
_TEMPLATE = {"metadata": _META, "spec": _POD}
_JOB = _fields(
    "selector manualSelector podFailurePolicy completionMode suspend podReplacementPolicy "
    "successPolicy managedBy activeDeadlineSeconds backoffLimitPerIndex maxFailedIndexes",
    parallelism=int, completions=int, backoffLimit=int, ttlSecondsAfterFinished=int,
    template=_TEMPLATE,
)  # fmt: skip
_SPECS: Final[dict[str, Schema]] = {
    "Pod": _POD,
    "Deployment": _fields(
        "selector strategy minReadySeconds", paused=bool, replicas=int, revisionHistoryLimit=int,
        progressDeadlineSeconds=int, template=_TEMPLATE,
    ),
    "ReplicaSet": _fields("selector minReadySeconds", replicas=int, template=_TEMPLATE),
    "StatefulSet": _fields(
        "selector volumeClaimTemplates serviceName podManagementPolicy updateStrategy "
        "minReadySeconds persistentVolumeClaimRetentionPolicy ordinals",
        replicas=int, revisionHistoryLimit=int, template=_TEMPLATE,
    ),
    "DaemonSet": _fields(
        "selector updateStrategy minReadySeconds", revisionHistoryLimit=int, template=_TEMPLATE
    ),
    "Job": _JOB,
    "CronJob": _fields(
        "timeZone concurrencyPolicy", schedule=str, suspend=bool, startingDeadlineSeconds=int,
        successfulJobsHistoryLimit=int, failedJobsHistoryLimit=int,
        jobTemplate={"metadata": _META, "spec": _JOB},
    ),
    "Service": _fields(
        "ports selector clusterIP clusterIPs type externalIPs sessionAffinity loadBalancerIP "
        "loadBalancerSourceRanges externalName externalTrafficPolicy healthCheckNodePort "
        "publishNotReadyAddresses sessionAffinityConfig ipFamilies ipFamilyPolicy "
        "allocateLoadBalancerNodePorts loadBalancerClass internalTrafficPolicy trafficDistribution"
    ),
}  # fmt: skip
_WHOLE: Final[dict[str, Schema]] = {
    "ConfigMap": _fields("apiVersion kind immutable", metadata=_META, data=dict, binaryData=dict),
    "Secret": _fields("apiVersion kind type immutable", metadata=_META, data=dict, stringData=dict),
}


def check_fields(kind: Kind, body: Obj, validation: str) -> list[str]:
    """Drop what the kind does not have, as a server does.

    Args:
        validation: The `fieldValidation` parameter: "Strict" refuses, "Warn" tells, "Ignore" not.

    Returns:
        A warning for each unknown field, unless they are ignored.

    Raises:
        ApiError: 400, for a field of the wrong type, or an unknown one when strict.
    """
    schema = _WHOLE.get(kind.kind)
    if schema is None and kind.kind in _SPECS:
        schema = _fields("apiVersion kind status", metadata=_META, spec=_SPECS[kind.kind])
    if schema is None:
        return []
    unknown: list[str] = []
    try:
        _walk(schema, body, "", unknown)
    except TypeError as error:
        raise bad_request(
            f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}: '
            f"json: cannot unmarshal {error}"
        ) from error
    if validation == "Strict" and unknown:
        text = ", ".join(f'unknown field "{path}"' for path in unknown)
        raise ApiError(400, "BadRequest", f"strict decoding error: {text}")
    return [] if validation == "Ignore" else [f'unknown field "{path}"' for path in unknown]


def _walk(schema: Schema, value: Obj, path: str, unknown: list[str]) -> None:
    for name in list(value):
        where = f"{path}.{name}" if path else name
        if name not in schema:
            unknown.append(where)
            del value[name]
            continue
        kind, inner = schema[name], value[name]
        if kind is None or inner is None:
            continue
        if isinstance(kind, list):
            _expect(list, inner, where)
            for at, entry in enumerate(inner):
                _expect(dict, entry, where)
                _walk(kind[0], entry, f"{where}[{at}]", unknown)
        elif kind is dict:
            _expect(dict, inner, where)
            for entry in inner.values():
                _expect(str, entry, where)
        elif isinstance(kind, dict):
            _expect(dict, inner, where)
            _walk(kind, inner, where, unknown)
        else:
            _expect(kind, inner, where)


def _expect(kind: type, value: Any, where: str) -> None:
    fits = isinstance(value, kind) and not (kind is int and isinstance(value, bool))
    if fits and not (kind is int and abs(value) > _LARGEST):
        return
    wanted = {int: "int32", str: "string", dict: "struct", list: "slice", bool: "bool"}[kind]
    raise TypeError(f"{go_type(value)} into Go struct field {where} of type {wanted}")
