"""The pod template of a workload."""

from __future__ import annotations

from k8stui.resources.describe.builder import DocumentBuilder
from k8stui.resources.describe.containers import write_containers
from k8stui.resources.describe.metadata import labels_and_annotations
from k8stui.resources.describe.pod import write_pod_rest
from k8stui.resources.describe.scheduling import write_scheduling
from k8stui.resources.describe.values import JsonObject, mapping, string
from k8stui.resources.describe.volumes import write_volumes


def write_template(out: DocumentBuilder, template: JsonObject) -> None:
    """As kubectl's "Pod Template", with the rest of what makes a pod behave."""
    spec = mapping(template, "spec")
    out.heading("Pod Template")
    with out.nested():
        labels_and_annotations(out, mapping(template, "metadata"))
        out.optional("Service Account", string(spec, "serviceAccountName"))
        out.optional("Priority Class Name", string(spec, "priorityClassName"))
        write_containers(out, spec)
        write_volumes(out, spec)
        write_scheduling(out, spec)
        write_pod_rest(out, spec)
