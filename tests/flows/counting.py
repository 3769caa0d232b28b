"""A scheduled job, as a user would add the next one."""

from prefect import flow

from flows.scheduling import ScheduledJob


@flow
def count():
    """Count the messages."""


JOB = ScheduledJob(count, "messages", "0 * * * *", "Count the messages, every hour.")
