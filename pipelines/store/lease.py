"""Leases: named locks across processes and machines, each a row of the database with a heartbeat."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from uuid import uuid4

from sqlalchemy import Connection, Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from pipelines.store.database import open_database, writing
from pipelines.store.lease_holder import clock_seconds, has_ended, this_process
from pipelines.store.tables import LEASES

log = logging.getLogger(__name__)


BACKUP = "backup"  # held while files of a home are copied, and while some are deleted

_LOST = "another process took the lease {!r} over: distrust the results of this run, and run it again"


class LeaseHeld(RuntimeError):
    """The lease is held by another living process."""


class LeaseLost(RuntimeError):
    """The heartbeat stopped for longer than the lease allows, and another process took the lease over."""


@contextmanager
def lease(url: str, name: str, ttl: float = 60, wait: float = 0) -> Iterator[Callable[[], None]]:
    """Hold the lease `name` while the block runs.

    Raises LeaseHeld after `wait` seconds, and LeaseLost at the end if another process took it. The block gets a
    function to call before a step that cannot be undone: it raises LeaseLost at once.

    A lease ends without a heartbeat for `ttl` seconds, or when its process on this host has ended.
    """
    engine = open_database(url)
    token = _take(engine, name, ttl, wait)
    stop = Event()
    heartbeat = Thread(target=_beat, args=(engine, name, token, ttl, stop), name=f"lease {name}", daemon=True)
    heartbeat.start()

    def require_held() -> None:
        if not _renew(engine, token, ttl):
            raise LeaseLost(_LOST.format(name))

    try:
        yield require_held
    finally:
        stop.set()
        heartbeat.join()
        was_held = _release(engine, token)
        engine.dispose()
    if not was_held:
        raise LeaseLost(_LOST.format(name))


def _take(engine: Engine, name: str, ttl: float, wait: float) -> str:
    deadline = time.monotonic() + wait
    while True:
        try:
            return _try(engine, name, ttl)
        except LeaseHeld:
            if time.monotonic() >= deadline:
                raise
        time.sleep(min(ttl / 4, 1, max(0, deadline - time.monotonic())))


def _try(engine: Engine, name: str, ttl: float) -> str:
    token = uuid4().hex
    try:
        with writing(engine) as connection:
            now = clock_seconds(connection)
            _remove_expired(connection, name, now)
            connection.execute(insert(LEASES).values(name=name, token=token, expires=now + ttl, **this_process()))
    except IntegrityError:
        raise LeaseHeld(f"another process has just taken the lease {name!r}: try again when it is done") from None
    return token


def _remove_expired(connection: Connection, name: str, now: float) -> None:
    holder = connection.execute(select(LEASES).where(LEASES.c.name == name)).one_or_none()
    if holder is None:
        return
    if holder.expires > now and not has_ended(holder):
        raise LeaseHeld(
            f"{name!r} is held by process {holder.pid} on {holder.host} since {holder.since:%Y-%m-%d %H:%M:%S} UTC:"
            " wait until it is done, or stop it"
        )
    # Only this state of the row: a new heartbeat or another taker has changed it.
    expired = (LEASES.c.token == holder.token) & (LEASES.c.expires == holder.expires)
    connection.execute(delete(LEASES).where(expired))


def _release(engine: Engine, token: str) -> bool:
    with writing(engine) as connection:
        return connection.execute(delete(LEASES).where(LEASES.c.token == token)).rowcount == 1


def _beat(engine: Engine, name: str, token: str, ttl: float, stop: Event) -> None:
    while not stop.wait(ttl / 4):
        try:
            if not _renew(engine, token, ttl):
                log.error("the lease %r was taken over: its heartbeat had stopped for more than %s s", name, ttl)
                return
        except SQLAlchemyError as error:
            log.warning("the lease %r could not be renewed, trying again: %s", name, error)


def _renew(engine: Engine, token: str, ttl: float) -> bool:
    with writing(engine, durable=False) as connection:
        row = update(LEASES).where(LEASES.c.token == token)
        return connection.execute(row.values(expires=clock_seconds(connection) + ttl)).rowcount == 1
