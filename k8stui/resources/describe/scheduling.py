"""Where a pod may run: node selector, tolerations, affinity, spreading."""

from __future__ import annotations

from k8stui.resources.describe.builder import DocumentBuilder
from k8stui.resources.describe.values import (
    JsonObject,
    integer,
    mapping,
    objects,
    pairs,
    selector_text,
    string,
    strings,
)


def write_scheduling(out: DocumentBuilder, spec: JsonObject) -> None:
    """The rules of a pod's spec, its own or a template's."""
    out.lines("Node-Selectors", [f"{key}={value}" for key, value in pairs(spec, "nodeSelector")])
    tolerations = sorted(objects(spec, "tolerations"), key=lambda item: string(item, "key"))
    out.lines("Tolerations", [toleration_text(item) for item in tolerations])
    spreading = sorted(
        objects(spec, "topologySpreadConstraints"), key=lambda item: string(item, "topologyKey")
    )
    if spreading:
        out.lines("Topology Spread Constraints", [_spread_text(item) for item in spreading])
    affinity = affinity_lines(mapping(spec, "affinity"))
    if affinity:
        out.lines("Affinity", affinity)
    scheduler = string(spec, "schedulerName")
    if scheduler not in ("", "default-scheduler"):
        out.field("Scheduler", scheduler)


def toleration_text(toleration: JsonObject) -> str:
    """`key=value:Effect op=Exists for 300s` as kubectl writes it."""
    key, value, effect = (string(toleration, name) for name in ("key", "value", "effect"))
    text = key + (f"={value}" if value else "") + (f":{effect}" if effect else "")
    if string(toleration, "operator") == "Exists" and not value:
        text = f"{text} op=Exists".strip()
    seconds = integer(toleration, "tolerationSeconds")
    return text if seconds is None else f"{text} for {seconds}s"


def taint_text(taint: JsonObject) -> str:
    """`key=value:Effect` as kubectl writes it."""
    key, value, effect = (string(taint, name) for name in ("key", "value", "effect"))
    if not effect:
        return f"{key}={value}:" if value else key
    return f"{key}={value}:{effect}" if value else f"{key}:{effect}"


def _spread_text(constraint: JsonObject) -> str:
    text = f"{string(constraint, 'topologyKey')}:{string(constraint, 'whenUnsatisfiable')}"
    text += f" when max skew {string(constraint, 'maxSkew')} is exceeded"
    selector = mapping(constraint, "labelSelector")
    return f"{text} for selector {selector_text(selector)}" if selector else text


def node_term_text(term: JsonObject) -> str:
    """One NodeSelectorTerm: `zone in [a, b] and disk exists`."""
    terms = []
    for requirement in (*objects(term, "matchExpressions"), *objects(term, "matchFields")):
        operator = string(requirement, "operator").lower()
        values = strings(requirement, "values")
        text = f"{string(requirement, 'key')} {operator}"
        terms.append(f"{text} [{', '.join(values)}]" if values else text)
    return " and ".join(terms) or "<none>"


def affinity_lines(affinity: JsonObject) -> list[str]:
    """Affinity rules as sentences: what is required, and what is preferred with which weight."""
    lines = [
        f"node: required {node_term_text(term)}"
        for term in objects(
            affinity,
            "nodeAffinity",
            "requiredDuringSchedulingIgnoredDuringExecution",
            "nodeSelectorTerms",
        )
    ]
    preferred = "preferredDuringSchedulingIgnoredDuringExecution"
    lines += [
        f"node: preferred (weight {string(item, 'weight')}) "
        f"{node_term_text(mapping(item, 'preference'))}"
        for item in objects(affinity, "nodeAffinity", preferred)
    ]
    for key, word in (("podAffinity", "with"), ("podAntiAffinity", "not with")):
        rules = mapping(affinity, key)
        lines += [
            f"{word} pods: required {_pod_term(term)}"
            for term in objects(rules, "requiredDuringSchedulingIgnoredDuringExecution")
        ]
        lines += [
            f"{word} pods: preferred (weight {string(item, 'weight')}) "
            f"{_pod_term(mapping(item, 'podAffinityTerm'))}"
            for item in objects(rules, preferred)
        ]
    return lines


def _pod_term(term: JsonObject) -> str:
    text = f"{selector_text(mapping(term, 'labelSelector'))} by {string(term, 'topologyKey')}"
    namespaces = strings(term, "namespaces")
    return f"{text} in namespaces {', '.join(namespaces)}" if namespaces else text
