"""ControllerRevisions: the history of StatefulSets and DaemonSets."""

from __future__ import annotations

from typing import Final

import msgspec

from k8stui.resources.columns import age_column, name_column, number_column, text_column
from k8stui.resources.deployments import CHANGE_CAUSE_ANNOTATION
from k8stui.resources.kinds import TypedKind
from k8stui.resources.lenient import LenientDecoder
from k8stui.resources.pod_templates import Images, PodTemplate, container_images
from k8stui.resources.record import Column, Record
from k8stui.resources.text import clean_text
from k8stui.resources.wire import ObjectMeta, head

REVISION_HASH_LABEL: Final = "controller-revision-hash"


class _DataSpec(msgspec.Struct, gc=False):
    template: PodTemplate = msgspec.field(default_factory=PodTemplate)


class _Data(msgspec.Struct, gc=False):
    spec: _DataSpec = msgspec.field(default_factory=_DataSpec)


class _ControllerRevision(msgspec.Struct, gc=False):
    metadata: ObjectMeta
    revision: int = 0
    data: msgspec.Raw = msgspec.Raw(b"")


class ControllerRevision(Record, frozen=True, gc=False, kw_only=True):
    """What is kept of a ControllerRevision."""

    revision: int = 0
    hash: str = ""
    """The label `controller-revision-hash` of a DaemonSet's revision and its pods; empty for a
    StatefulSet's, whose pods carry the whole name."""
    change_cause: str = ""
    containers: Images = ()
    init_containers: Images = ()

    @property
    def controller(self) -> str:
        """`statefulset.apps/db`, as kubectl names it; `<none>` without a controller."""
        if not self.owner_uid:
            return "<none>"
        kind = self.owner_kind.lower()
        return f"{kind}.{self.owner_group.lower()}/{self.owner_name}".replace("./", "/", 1)


_decoder = LenientDecoder(_ControllerRevision)
_data_decoder = msgspec.json.Decoder(_Data)


def _template(raw: msgspec.Raw) -> PodTemplate:
    """Other projects' controllers may keep anything in `data`: that has no images to show."""
    try:
        return _data_decoder.decode(raw).spec.template
    except msgspec.MsgspecError:
        return PodTemplate()


def decode(raw: bytes) -> ControllerRevision:
    """One ControllerRevision's JSON to its record. Raises msgspec.MsgspecError for what isn't one.

    The change-cause is the revision's own annotation, as `kubectl rollout history` has it.
    """
    wire = _decoder.decode(raw)
    template = _template(wire.data).spec
    meta = wire.metadata
    return ControllerRevision(
        **head(meta),
        revision=wire.revision,
        hash=clean_text((meta.labels or {}).get(REVISION_HASH_LABEL, "")),
        change_cause=clean_text((meta.annotations or {}).get(CHANGE_CAUSE_ANNOTATION, "")),
        containers=container_images(template.containers),
        init_containers=container_images(template.init_containers),
    )


COLUMNS: tuple[Column[ControllerRevision], ...] = (
    name_column(),
    text_column("controller", "CONTROLLER", lambda record: record.controller),
    number_column("revision", "REVISION", lambda record: record.revision),
    age_column(),
)

KIND: Final = TypedKind(
    group="apps",
    versions=("v1",),
    plural="controllerrevisions",
    kind="ControllerRevision",
    decode=decode,
    columns=COLUMNS,
)
