"""One direct question for a container's state, where the watch may be late to tell of it."""

from __future__ import annotations

import logging

import msgspec

from k8stui.cluster.api_error import ApiError
from k8stui.logs.engine import LogTransport
from k8stui.logs.pods import decode_log_pod
from k8stui.logs.targets import ContainerKey, ContainerStatus

logger = logging.getLogger(__name__)

_NOT_FOR_US = (401, 403, 405)
"""Answers to those who may list pods, and not get one."""


class AnotherPod(Exception):
    """Under the pod's name there is another pod by now."""


class NotTold(Exception):
    """The state may not be asked for, or the answer made no sense."""


async def container_state(
    transport: LogTransport, key: ContainerKey, pod: str
) -> ContainerStatus | None:
    """The container's present state; None where the pod does not exist any more.

    Args:
        transport: The door.
        key: Which container.
        pod: The pod's name.

    Raises:
        AnotherPod: the pod is gone, and one of the same name has taken its place.
        NotTold: what is known already has to do.
        ApiError, ConnectionFailed: as the transport.
    """
    path = f"/api/v1/namespaces/{key.namespace}/pods/{pod}"
    try:
        found = decode_log_pod(await transport.get(path, seconds=10.0))
    except ApiError as error:
        if error.status == 404:
            return None
        if error.status in _NOT_FOR_US:
            raise NotTold from None
        raise
    except msgspec.MsgspecError as error:
        logger.info("%s: %s", path, error)
        raise NotTold from None
    if found.uid != key.uid:
        raise AnotherPod
    return next((one for one in found.containers if one.name == key.container), None)
