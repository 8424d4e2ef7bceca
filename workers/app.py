"""Settings come in, the Celery instance with its three queues goes out."""

from celery import Celery
from kombu.entity import Queue as BrokerQueue

from hri_node.ledger.states import Queue
from hri_node.settings import Settings

VISIBILITY_TIMEOUT_S = 24 * 3600
"""Redis hands a message out again when nobody acknowledged it for so long. A task is killed long before, when its lease
ends, so a message that comes back never finds its task still running; and nothing waits in the broker for its time, as
the ledger knows when a job is due."""

LEASE_SHARE = 0.9
"""Part of the lease after which a task is killed: nobody may still work on a job that is handed out again."""

app = Celery("hri_node", include=["workers.tasks"])


_chosen: list[Settings] = []
"""The settings that `configure` was given; worker processes inherit them by their fork."""


def chosen_settings() -> Settings:
    """The settings of this worker and of every process it forked."""
    return _chosen[-1]


def configure(settings: Settings) -> Celery:
    """The Celery instance, made for these settings."""
    _chosen[:] = [settings]
    app.conf.update(
        broker_url=settings.broker_address,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": VISIBILITY_TIMEOUT_S,
            "socket_timeout": 10.0,
            "socket_connect_timeout": 5.0,
            "health_check_interval": 10,
        },
        task_queues=[BrokerQueue(queue.value) for queue in Queue],  # type: ignore[no-untyped-call]
        task_acks_late=True,
        task_reject_on_worker_lost=False,  # the ledger's lease brings the job back, and counts the attempt
        worker_prefetch_multiplier=1,
        task_ignore_result=True,
        task_time_limit=settings.work.lease_s * LEASE_SHARE,
        task_publish_retry=False,  # the sweep comes by again anyway
        task_serializer="json",
        accept_content=["json"],
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_heartbeat=10,
        enable_utc=True,
    )
    return app
