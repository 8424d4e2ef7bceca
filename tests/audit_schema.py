"""The schema of PS3.15 A.5.1 as a table; a message comes in, what the schema finds wrong with it goes out."""

import re
from dataclasses import dataclass, field
from typing import Final
from xml.etree.ElementTree import Element

ANY: Final = r"(?s).*"
TOKEN: Final = r"\S(.*\S)?"  # noqa: S105 - xsd:token
UID: Final = r"[0-2]((\.0)|(\.[1-9][0-9]*))*"
BASE64: Final = r"([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
BOOLEAN: Final = "true|false|0|1"
DATE_TIME: Final = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"


@dataclass(frozen=True)
class Rule:
    """What one element may hold: attributes it must and may have, children in order with how many, text."""

    must: dict[str, str] = field(default_factory=dict)
    may: dict[str, str] = field(default_factory=dict)
    children: tuple[tuple[str, int, int], ...] = ()
    text: str = r"\s*"


MANY: Final = 10**6
CODED: Final = Rule({"csd-code": TOKEN, "codeSystemName": TOKEN, "originalText": TOKEN}, {"displayName": TOKEN})
RULES: Final[dict[str, Rule]] = {
    "AuditMessage": Rule(
        children=(
            ("EventIdentification", 1, 1),
            ("ActiveParticipant", 1, MANY),
            ("AuditSourceIdentification", 1, 1),
            ("ParticipantObjectIdentification", 0, MANY),
        )
    ),
    "EventIdentification": Rule(
        {"EventDateTime": DATE_TIME, "EventOutcomeIndicator": "0|4|8|12"},
        {"EventActionCode": "C|R|U|D|E"},
        (("EventID", 1, 1), ("EventTypeCode", 0, MANY), ("EventOutcomeDescription", 0, 1)),
    ),
    "EventID": CODED,
    "EventTypeCode": CODED,
    "RoleIDCode": CODED,
    "ParticipantObjectIDTypeCode": CODED,
    "EventOutcomeDescription": Rule(text=ANY),
    "ActiveParticipant": Rule(
        {"UserID": ANY, "UserIsRequestor": BOOLEAN},
        {
            "AlternativeUserID": ANY,
            "UserName": ANY,
            "NetworkAccessPointID": TOKEN,
            "NetworkAccessPointTypeCode": "[1-5]",
        },
        (("RoleIDCode", 0, MANY), ("MediaIdentifier", 0, 1)),
    ),
    "AuditSourceIdentification": Rule(
        {"AuditSourceID": TOKEN}, {"AuditEnterpriseSiteID": TOKEN}, (("AuditSourceTypeCode", 0, MANY),)
    ),
    "AuditSourceTypeCode": Rule({"csd-code": "[1-9]"}),
    "ParticipantObjectIdentification": Rule(
        {"ParticipantObjectID": TOKEN},
        {
            "ParticipantObjectTypeCode": "[1-4]",
            "ParticipantObjectTypeCodeRole": "[1-9]|1[0-9]|2[0-6]",
            "ParticipantObjectDataLifeCycle": "[1-9]|1[0-5]",
            "ParticipantObjectSensitivity": TOKEN,
        },
        (
            ("ParticipantObjectIDTypeCode", 1, 1),
            ("ParticipantObjectName", 0, 1),
            ("ParticipantObjectQuery", 0, 1),
            ("ParticipantObjectDetail", 0, MANY),
            ("ParticipantObjectDescription", 0, MANY),
        ),
    ),
    "ParticipantObjectName": Rule(text=TOKEN),
    "ParticipantObjectQuery": Rule(text=BASE64),
    "ParticipantObjectDetail": Rule({"type": TOKEN, "value": BASE64}),
    "ParticipantObjectDescription": Rule(
        children=(
            ("MPPS", 0, MANY),
            ("Accession", 0, MANY),
            ("SOPClass", 0, MANY),
            ("ParticipantObjectContainsStudy", 0, 1),
            ("Encrypted", 0, 1),
            ("Anonymized", 0, 1),
        )
    ),
    "SOPClass": Rule({"NumberOfInstances": "[0-9]+"}, {"UID": UID}, (("Instance", 0, MANY),)),
}


def complaints(element: Element) -> list[str]:
    """What is wrong with an element and everything in it."""
    rule = RULES.get(element.tag)
    if rule is None:
        return [f"{element.tag} is not of the schema"]
    found = [f"{element.tag} lacks {name}" for name in rule.must if name not in element.attrib]
    for name, value in element.attrib.items():
        pattern = (rule.must | rule.may).get(name)
        if pattern is None or not re.fullmatch(pattern, value):
            found.append(f"{element.tag} has {name}={value!r}")
    if not re.fullmatch(rule.text, element.text or ""):
        found.append(f"{element.tag} says {element.text!r}")
    found += _order(element, rule)
    return found + [complaint for child in element for complaint in complaints(child)]


def _order(element: Element, rule: Rule) -> list[str]:
    """What is wrong with number and order of the children."""
    tags = [child.tag for child in element]
    expected = [name for name, _, _ in rule.children]
    found = []
    if sorted(tags, key=lambda tag: expected.index(tag) if tag in expected else 0) != tags:
        found.append(f"{element.tag} has its children in the order {tags}")
    for name, least, most in rule.children:
        if not least <= tags.count(name) <= most:
            found.append(f"{element.tag} has {tags.count(name)} of {name}")
    if element.tag == "ParticipantObjectIdentification":
        either = tags.count("ParticipantObjectName") + tags.count("ParticipantObjectQuery")
        found += [] if either == 1 else [f"{either} of ParticipantObjectName and ParticipantObjectQuery"]
    return found
