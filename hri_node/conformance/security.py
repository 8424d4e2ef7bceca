"""The TLS profiles of the code come in, a table of them goes out."""

from typing import Final

from hri_node.conformance.markdown import literal, table
from hri_node.settings import Settings
from hri_node.tls import CIPHER_SUITES

PROFILES: Final = {
    "bcp195": "B.12, BCP 195 RFC 8996, 9325 TLS Secure Transport Connection Profile",
    "modified": "B.13, Modified BCP 195 RFC 8996, 9325 TLS Secure Transport Connection Profile",
}
"""PS3.15, by the word of the settings."""


def profiles_table(settings: Settings) -> str:
    """Profiles, their cipher suites in the order of preference, and where these settings use them."""
    used = {
        "DICOM": settings.listener.tls.profile if settings.listener.tls.certificate else "",
        "HTTPS": settings.web.tls.profile if settings.web.tls.certificate else "",
        **{one.name: one.tls.profile for one in settings.destinations if one.tls},
        **{one.ae_title: one.tls.profile for one in settings.scanners if one.tls},
    }
    rows = [
        (
            literal(name),
            PROFILES[name],
            "1.3, 1.2",
            ", ".join(suites),
            ", ".join(who for who, profile in used.items() if profile == name),
        )
        for name, suites in CIPHER_SUITES.items()
    ]
    return table(("`profile`", "PS3.15", "TLS", "cipher suites of TLS 1.2, the preferred first", "used here"), rows)
