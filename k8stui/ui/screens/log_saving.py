"""The keys of the log pane that write files."""

from __future__ import annotations

import asyncio

from k8stui.errors import K8sTuiError
from k8stui.ui.screens.logs import LogScreen
from k8stui.ui.screens.picker import Choice, Picker

_SAVES = (
    ("text", False, "shown lines as text"),
    ("text", True, "all lines as text"),
    ("raw", False, "shown lines, raw bytes"),
    ("raw", True, "all lines, raw bytes"),
    ("jsonl", False, "shown lines as JSON with all that is known of them"),
    ("jsonl", True, "all lines as JSON with all that is known of them"),
)
_FROM_SERVER = {
    "text": "all that the server has, as text",
    "raw": "all that the server has, raw bytes",
    "jsonl": "all that the server has, as JSON",
}
_STOP = "stop"


class LogSavingScreen(LogScreen):
    """Files are written beside the screen: keys and lines go on meanwhile."""

    def action_log_save(self) -> None:
        self._save("text", False)

    def action_log_save_as(self) -> None:
        choices = [Choice(str(at), title) for at, (_, _, title) in enumerate(_SAVES)]
        if self.logs.files.whole is not None:
            choices.append(Choice(_STOP, "stop saving what the server has"))
        elif self.logs.files.save_whole is not None:
            choices += [Choice(form, title) for form, title in _FROM_SERVER.items()]

        def picked(chosen: str | None) -> None:
            if chosen == _STOP:
                self.workers.cancel_group(self, "whole log")
            elif chosen in _FROM_SERVER:
                self.run_worker(self._save_from_server(chosen), group="whole log")
            elif chosen is not None:
                form, every, _ = _SAVES[int(chosen)]
                self._save(form, every)

        self.app.push_screen(Picker("Save the logs", choices), picked)

    def _save(self, form: str, every: bool) -> None:
        self.run_worker(self._save_held(form, every), group="save")
        self.show_log_header()

    async def _save_held(self, form: str, every: bool) -> None:
        try:
            text = await self.logs.files.save_as(
                self.host.state_directory, self._file_name, form=form, all_lines=every
            )
        except K8sTuiError as error:
            self.fail(error)
        else:
            self.tell(text, 10.0)
        self.show_log_header()

    async def _save_from_server(self, form: str) -> None:
        hidden = self.logs.feed.hidden
        try:
            text = await self.logs.files.save_from_server(
                self.host.state_directory,
                self._file_name,
                form=form,
                streams=[each for each in self.logs.tail.streams() if each.index not in hidden],
                previous=self.logs.is_previous,
                changed=self.show_log_header,
            )
        except K8sTuiError as error:
            self.fail(error)
        except asyncio.CancelledError:
            if self.is_attached:
                self.show_log_header()
                self.tell("stopped: nothing was saved", 4.0)
            raise
        else:
            self.tell(text, 10.0)
        self.show_log_header()

    @property
    def _file_name(self) -> str:
        subject = self.subject()
        return subject.title if subject else "logs"

    def action_log_tee(self) -> None:
        self.run_worker(self._tee(), group="tee")

    async def _tee(self) -> None:
        try:
            text = await self.logs.files.toggle_tee(self.host.state_directory, self._file_name)
        except K8sTuiError as error:
            self.fail(error)
            return
        self.show_log_header()
        self.tell(text, 10.0)
