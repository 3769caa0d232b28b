"""Every scheduled job: a new one is a module with a flow and a job, and a line here."""

from flows import auditing
from flows.scheduling import ScheduledJob

JOBS: tuple[ScheduledJob, ...] = (auditing.JOB,)
