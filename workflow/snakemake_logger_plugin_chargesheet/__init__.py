"""A short first screen for Snakemake: one line per job, and of an error what the user can do about it.

Everything else is in Snakemake's own log file. A dry run, ``--verbose`` and the like print as usual.
"""

import logging
import re
import sys
import textwrap
from pathlib import Path

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

_SKIPPED = {
    LogEvent.WORKFLOW_STARTED,
    LogEvent.RESOURCES_INFO,
    LogEvent.SHELLCMD,
    LogEvent.JOB_STARTED,
    LogEvent.JOB_FINISHED,
    LogEvent.GROUP_INFO,
}
_NOISE = re.compile(
    "Assuming unrestricted shared|Building DAG|Using shell|Select jobs|Execute [0-9]+ jobs|Updating checkpoint dep|"
    "DAG of jobs will be|Singularity containers: ignored|Conda environments: ignored|Elapsed time|Provided |"
    "Rules claiming more threads|Cannot restore|Removing output files of failed job|Exiting because a job|Job stats:|"
    "Will exit after finishing|Shutting down"
)
_LINES = 20  # of a failed job's log: a message for the user is shorter, of a traceback the end matters


class LogHandler(LogHandlerBase):
    """Writes to stderr (or stdout, as Snakemake is told)."""

    writes_to_stream = True
    writes_to_file = False
    has_filter = False
    has_formatter = False
    needs_rulegraph = False

    def __post_init__(self) -> None:
        self.stream = sys.stdout if self.common_settings.stdout else sys.stderr
        asked = self.common_settings
        self.everything = asked.dryrun or asked.verbose or asked.debug_dag or asked.printshellcmds
        self.started = self.total = 0
        self.messages: dict[int, str] = {}
        self.failed = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write what there is to say about a record, if anything."""
        text = self.format(record) if self.everything else self.short(record)
        if text and text != "None":
            print(text, file=self.stream, flush=True)

    def short(self, record: logging.LogRecord) -> str | None:
        """The text for the first screen."""
        event, message = getattr(record, "event", None), record.getMessage()
        if event == LogEvent.RUN_INFO:
            self.total = record.stats["total"]
            return None
        if event == LogEvent.PROGRESS:
            self.total = record.total
            return None
        if event == LogEvent.JOB_INFO:
            return self.job(record)
        if event in (LogEvent.JOB_ERROR, LogEvent.GROUP_ERROR):
            self.failed = True
            return self.error(record)
        if event in _SKIPPED or _NOISE.match(message):
            return None
        if message.startswith("Nothing to be done"):
            return "Nothing to do: what is in results/ is up to date."
        if message.startswith("Complete log"):
            return f"The run is not complete. Its whole log is {message.partition(': ')[2]}" if self.failed else None
        if "CalledProcessError" in message or (self.failed and "At least one job did not" in message):
            return None  # said by the job's error
        return self.format(record)

    def job(self, record: logging.LogRecord) -> str | None:
        """ "[ 2/12] Reading the articles"."""
        if not record.rule_msg:
            return None
        self.messages[record.jobid] = record.rule_msg
        self.started += 1
        total = max(self.total - 1, self.started)  # the last is `all`, which does nothing
        return f"[{self.started:{len(str(total))}}/{total}] {record.rule_msg}"

    def error(self, record: logging.LogRecord) -> str:
        """Which job failed, and the end of its log."""
        what = self.messages.get(getattr(record, "jobid", -1)) or getattr(record, "rule_name", "a group of jobs")
        parts = [f"FAILED: {what}"]
        for log in getattr(record, "log", []):
            try:
                lines = Path(log).read_text(encoding="utf-8", errors="replace").strip().splitlines()
            except OSError:
                continue
            end = textwrap.indent("\n".join(lines[-_LINES:]), "  ")
            parts += [end, f"  (from {log})"] if lines else [f"  ({log} is empty)"]
        return "\n".join(parts)
