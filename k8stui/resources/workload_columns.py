"""Columns that several workload kinds share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from k8stui.resources.columns import text_column
from k8stui.resources.pod_templates import Images, container_names_text, images_text
from k8stui.resources.record import Column, Record

R = TypeVar("R", bound=Record)


def ready_column(ready: Callable[[R], int], desired: Callable[[R], int]) -> Column[R]:
    """READY as `2/3`; a filter compares the ready pods."""
    return Column(
        id="ready",
        title="READY",
        text=lambda record, _: f"{ready(record)}/{desired(record)}",
        sort=lambda record, _: (ready(record), desired(record)),
        value=lambda record, _: ready(record),
        measure="number",
    )


def containers_column(images: Callable[[R], Images]) -> Column[R]:
    """CONTAINERS: the template's container names."""
    return text_column(
        "containers", "CONTAINERS", lambda record: container_names_text(images(record)), priority=2
    )


def images_column(images: Callable[[R], Images]) -> Column[R]:
    """IMAGES: the template's images."""
    return text_column("images", "IMAGES", lambda record: images_text(images(record)), priority=2)


def selector_column(selector: Callable[[R], str]) -> Column[R]:
    """SELECTOR."""
    return text_column("selector", "SELECTOR", selector, priority=3)
