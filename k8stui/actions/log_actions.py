"""The actions of the log pane; their keys hold while it has the focus."""

from __future__ import annotations

from k8stui.actions.action_spec import ActionSpec

LOG_GROUP = "Logs"


def _log(
    action: str,
    key: str,
    title: str,
    explained: str,
    *,
    footer: int = 0,
    parameters: str = "",
    binds: bool = True,
) -> ActionSpec:
    return ActionSpec(
        id=f"log_{action}",
        title=title,
        help=explained,
        keys=tuple(key.split()),
        place="logs",
        group=LOG_GROUP,
        footer=footer,
        parameters=parameters,
        binds=binds,
    )


LOG_ACTIONS: tuple[ActionSpec, ...] = (
    _log(
        "follow",
        "f s",
        "Follow",
        "Follow the newest line, or stand still and count; s is k9s's key: elsewhere it scales",
        footer=1,
        binds=False,
    ),
    _log(
        "wrap",
        "w",
        "Wrap",
        "Continue long lines on the next row, or cut them; in Describe and YAML too",
        footer=3,
        binds=False,
    ),
    _log(
        "highlight",
        "H",
        "Find",
        "Mark lines without hiding others, n and N go between them: timeout | /5\\d\\d/",
        footer=4,
    ),
    _log(
        "match",
        "n",
        "Next match",
        "Go to the next line that Find marks, or that the filter finds",
        parameters="'next'",
        binds=False,
    ),
    _log(
        "match", "N", "Match before", "Go to the match before", parameters="'before'", binds=False
    ),
    _log(
        "around",
        "A",
        "Around",
        "Show around what the filter finds: nothing else, 3 or 10 lines, or all lines",
    ),
    _log("case", "X", "Case", "Make upper and lower case count in filter and Find, or not"),
    _log(
        "timeline",
        "t",
        "Timeline",
        "Put events and state changes of the same objects among the lines, in time order",
        footer=2,
    ),
    _log(
        "times",
        "T",
        "Times",
        "Show the times of log lines short, full, relative to now, or not at all",
        footer=9,
    ),
    _log(
        "clusters",
        "K",
        "Clusters",
        "Put another cluster's logs of the same kind, namespace and name among them",
    ),
    _log("colours", "V", "Colours", "Show lines in the colours that they bring, or in ours alone"),
    _log("zone", "Z", "Time zone", "Show times in another zone: UTC, local, Europe/Berlin"),
    _log(
        "jump",
        "at",
        "Jump to time",
        "Go to a moment: 14:05, 2026-01-31 14:05:10, or -15m; older lines are read for it",
        footer=8,
    ),
    _log(
        "form",
        "J",
        "JSON",
        "Show JSON and logfmt lines as they are, compact, spread out, or chosen fields",
        footer=7,
    ),
    _log(
        "fields",
        "F",
        "Fields",
        "Choose the fields that are shown of JSON and logfmt: level msg http.status",
    ),
    _log(
        "order",
        "O",
        "Order",
        "Put the lines in the order of time, of arrival, or container by container",
    ),
    _log(
        "names",
        "M",
        "Names",
        "Show the names of pod and container, with namespace and cluster too, or none",
    ),
    _log(
        "previous",
        "p",
        "Previous",
        "Show the log of the container instance before this one, and back",
        footer=5,
    ),
    _log(
        "streams",
        "S",
        "Streams",
        "Show every stream: state, lines, rate, restarts, age of the last line, error",
        footer=6,
    ),
    _log(
        "containers",
        "C",
        "Containers",
        "Choose containers by name: app !istio-proxy /^web/; all with nothing",
    ),
    _log("init", "I", "Init containers", "Take the logs of init containers, or not"),
    _log("ephemeral", "E", "Ephemeral", "Take the logs of ephemeral containers, or not"),
    _log("since", "0", "Tail", "The last lines, following", parameters="0"),
    _log(
        "since", "1", "Head", "From the start of the log that the server still has", parameters="1"
    ),
    _log("since", "2", "Last minute", "From one minute ago", parameters="2"),
    _log("since", "3", "Last 5 minutes", "From five minutes ago", parameters="3"),
    _log("since", "4", "Last 15 minutes", "From fifteen minutes ago", parameters="4"),
    _log("since", "5", "Last 30 minutes", "From half an hour ago", parameters="5"),
    _log("since", "6", "Last hour", "From an hour ago", parameters="6"),
    _log("mark", "m", "Mark", "Draw a line here, to see what comes after it"),
    _log(
        "select",
        "space",
        "Select lines",
        "Select lines, moving selects more; Space or Esc ends it",
        binds=False,
    ),
    _log(
        "copy",
        "c",
        "Copy",
        "Copy the selected lines, or the one under the match, to the clipboard (OSC 52)",
    ),
    _log(
        "line",
        "enter",
        "Line",
        "Show all that is known of the line: stream, times, raw bytes, fields as JSON",
        footer=10,
    ),
    _log(
        "save", "ctrl+s", "Save", "Save the log lines that are shown to a private file", footer=11
    ),
    _log(
        "save_as",
        "W",
        "Save as",
        "Save the shown lines, all, or all that the server has as text, raw bytes or JSON lines",
    ),
    _log(
        "tee",
        "greater_than_sign",
        "Tee",
        "Write all lines that come to a private file too, until pressed again",
    ),
)
