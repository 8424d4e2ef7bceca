"""hri-node: ultrasound studies in, hepatorenal index back in the PACS. Research use: it informs, it never diagnoses.

The way through, six verbs::

    scanner → receive → [spool + ledger] → read → segment → measure → [ledger] → report → [spool + ledger] → send → PACS

`receive` mirrors `send`, `read` mirrors `report`, and in the middle there are only numbers. `pipeline` holds the whole
way on one page: measure_instance(), report_study(), deliver(). The ledger is the truth, the broker a convenience: a
sweep finds whatever is due and queues it, so an emptied Redis, a killed worker or a rebooted host loses nothing.
"""

__version__ = "0.1.0"
