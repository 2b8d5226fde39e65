"""The same with kubectl, to be copied."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from k8stui.actions.intents import (
    Delete,
    Evict,
    Intent,
    Pause,
    Restart,
    Resume,
    Rollback,
    Scale,
    SetImage,
    Subject,
)
from k8stui.cluster.writes import Write
from k8stui.resources.registry import TYPED
from k8stui.resources.text import clean_text

_CASCADES = {"Background": "background", "Foreground": "foreground", "Orphan": "orphan"}


def kubectl_command(
    flags: Sequence[str], intent: Intent, subject: Subject, replicas: int, write: Write
) -> str:
    """One line for a shell.

    Args:
        flags: Which cluster and as whom: `--context prod`.
        replicas: What a Scale comes to.
        write: What is sent, for what kubectl has no verb of its own.
    """
    where = ["-n", subject.namespace] if subject.namespace else []
    words = ["kubectl", *flags, *where, *_verb(intent, subject, replicas, write)]
    line = shlex.join(words)
    if isinstance(intent, Evict) and not intent.force:
        line = f"{line} <<< {shlex.quote(write.json.decode())}"
    return clean_text(line)


def _named(subject: Subject) -> str:
    typed = TYPED.get(subject.kind)
    return f"{typed.kind.lower() if typed else subject.kind}/{subject.name}"


def _verb(intent: Intent, subject: Subject, replicas: int, write: Write) -> list[str]:
    name = _named(subject)
    match intent:
        case Rollback(to_revision=number):
            return ["rollout", "undo", name, *([f"--to-revision={number}"] if number else [])]
        case Restart():
            return ["rollout", "restart", name]
        case Pause():
            return ["rollout", "pause", name]
        case Resume():
            return ["rollout", "resume", name]
        case Scale():
            return ["scale", name, f"--replicas={replicas}"]
        case SetImage(images=images):
            return ["set", "image", name, *(f"{part}={image}" for part, image in images)]
        case Delete():
            return ["delete", name, *_deletion_flags(intent)]
        case Evict(force=True, grace_seconds=grace):
            return ["delete", name, *([] if grace is None else [f"--grace-period={grace}"])]
        case _:
            return ["create", "--raw", write.path, "-f", "-"]


def _deletion_flags(intent: Delete) -> list[str]:
    flags = []
    if intent.propagation != "Background":
        flags.append(f"--cascade={_CASCADES[intent.propagation]}")
    if intent.force:
        flags += ["--grace-period=0", "--force"]
    elif intent.grace_seconds is not None:
        flags.append(f"--grace-period={intent.grace_seconds}")
    return flags
