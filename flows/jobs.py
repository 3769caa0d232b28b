"""The list of all scheduled jobs. A new job is a module with a flow and a `JOB`, and a line here."""

from flows import auditing
from flows.scheduling import ScheduledJob

JOBS: tuple[ScheduledJob, ...] = (auditing.JOB,)
