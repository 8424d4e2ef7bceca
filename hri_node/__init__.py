"""hri-node: ultrasound studies in, hepatorenal index back in the PACS. Research use: it informs, it never diagnoses.

The way through, six verbs::

    scanner → receive → [spool + ledger] → read → segment → measure → [ledger] → report → [spool + ledger] → send → PACS

`receive` mirrors `send`, `read` mirrors `report`, and in the middle there are only numbers. `pipeline` holds the whole
way on one page: measure_instance(), report_study(), deliver(). The ledger is the truth, the broker a convenience: a
sweep finds whatever is due and queues it, so an emptied Redis, a killed worker or a rebooted host loses nothing.

There is one door in, `receive.intake`, whether an instance comes by C-STORE, STOW-RS, a pull or from a file; success
is said when its bytes and its row are on the disk. There is one way out, `delivering`: `routing` says which destination
gets an object, `send` stores it there and has it proven that it is kept, by storage commitment or by a query. `audit`
tells who sent what to whom. `web` and `commands` are entry points; only `workers` know later and again.
"""

__version__ = "0.1.0"
