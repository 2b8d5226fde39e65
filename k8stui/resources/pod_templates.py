"""What is kept of a pod template: its containers' names and images, and what they lack."""

from __future__ import annotations

from sys import intern

import msgspec

from k8stui.resources.text import clean_text

Images = tuple[tuple[str, str], ...]
"""(container, image) of each container, in the template's order. Clean."""


class Probe(msgspec.Struct, gc=False):
    """Only that there is one is kept."""


class TemplateContainer(msgspec.Struct, gc=False, rename="camel"):
    name: str = ""
    image: str = ""
    readiness_probe: Probe | None = None


class TemplateSpec(msgspec.Struct, gc=False, rename="camel"):
    containers: list[TemplateContainer] = []
    init_containers: list[TemplateContainer] | None = None
    node_selector: dict[str, str] | None = None


class TemplateMeta(msgspec.Struct, gc=False):
    annotations: dict[str, str] | None = None


class PodTemplate(msgspec.Struct, gc=False):
    metadata: TemplateMeta = msgspec.field(default_factory=TemplateMeta)
    spec: TemplateSpec = msgspec.field(default_factory=TemplateSpec)


_SHARED: dict[Images, Images] = {}
"""The ReplicaSets of a Deployment mostly run the same images: one tuple serves them all."""
_SHARED_MOST = 20_000


def container_images(containers: list[TemplateContainer] | None) -> Images:
    """(container, image) of each container, shared between equal templates."""
    images = tuple(
        (intern(clean_text(one.name)), intern(clean_text(one.image))) for one in containers or ()
    )
    if len(_SHARED) >= _SHARED_MOST:
        _SHARED.clear()
    return _SHARED.setdefault(images, images)


def without_readiness(containers: list[TemplateContainer] | None) -> tuple[str, ...]:
    """Names of the containers that no readiness probe guards."""
    return tuple(
        intern(clean_text(one.name)) for one in containers or () if one.readiness_probe is None
    )


def container_names_text(images: Images) -> str:
    """The CONTAINERS cell of `kubectl get -o wide`."""
    return ",".join(name for name, _image in images)


def images_text(images: Images) -> str:
    """The IMAGES cell of `kubectl get -o wide`."""
    return ",".join(image for _name, image in images)
