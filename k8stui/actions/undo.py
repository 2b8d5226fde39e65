"""How to take an action back."""

from __future__ import annotations

from k8stui.actions.intents import (
    Intent,
    Pause,
    Request,
    Resume,
    Rollback,
    Scale,
    SetImage,
    Subject,
)
from k8stui.actions.interface import Preview, Undo
from k8stui.resources.text import clean_text


def undo_of(preview: Preview) -> Undo | None:
    """What takes this action back, None where nothing does (restart, delete, evict)."""
    before = preview.before
    name = clean_text(preview.subject.text)
    # What was done is taken back on the object that it was done to, not on its successor.
    subject = preview.subject._replace(uid=preview.seen.uid)
    match preview.intent:
        case Scale() if before.replicas is not None:
            return _undo(Scale(before.replicas), subject, f"scale {name} back to {before.replicas}")
        case Rollback() if before.revision:
            return _undo(
                Rollback(before.revision),
                subject,
                f"roll {name} forward to revision {before.revision}",
            )
        case Pause():
            return _undo(Resume(), subject, f"resume {name}")
        case Resume():
            return _undo(Pause(), subject, f"pause {name} again")
        case SetImage(images=images):
            names = {container for container, _ in images}
            old = tuple(one for one in before.images if one[0] in names)
            said = ", ".join(image for _, image in old)
            return _undo(SetImage(old), subject, f"set image of {name} back to {said}")
        case _:
            return None


def _undo(intent: Intent, subject: Subject, text: str) -> Undo:
    return Undo((Request(intent, subject),), text)
