"""Settings come in, the Celery instance with its four queues goes out."""

from celery import Celery
from kombu.entity import Queue as BrokerQueue
from kombu.transport.redis import Channel

from hri_node.ledger.states import Queue
from hri_node.settings import Settings

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
    Channel.do_restore = False  # nor is a message put back when a connection ends: the ledger's lease does that
    app.conf.update(
        broker_url=settings.broker_address,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            # Redis knows no acknowledgement, and its imitation hands long tasks out twice and ends a worker whose
            # connection breaks. A message is taken once; what becomes of its job is the ledger's affair.
            "ack_emulation": False,
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
