"""The keys of the log pane that write files."""

from __future__ import annotations

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


class LogSavingScreen(LogScreen):
    """Files are written beside the screen: keys and lines go on meanwhile."""

    def action_log_save(self) -> None:
        self._save("text", False)

    def action_log_save_as(self) -> None:
        choices = [Choice(str(at), title) for at, (_, _, title) in enumerate(_SAVES)]

        def picked(chosen: str | None) -> None:
            if chosen is not None:
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
