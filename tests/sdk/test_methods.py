"""No method of the SDK's three web clients is forgotten.

Each is tried in the other files, rightly and wrongly, or the sandbox says that it is not built.
"""

import re
from pathlib import Path

import pytest
from sandbox import refusal
from test_refusals import WRONG

# Where the right calls are; a customer's client is reached through the customer.
RIGHT = {
    "agent": r"\bagent\.(\w+)", "configuration": r"\bconfiguration\.(\w+)",
    "customer": r"\bcustomer(?:\.client)?\.(\w+)",
}
# Its only wrong call is one with somebody else's token.
ONLY_BY_TOKEN = {"customer": {"get_customer"}}


def methods(client) -> set[str]:
    """The names of the client's own methods, without what it inherits."""
    return {name for name in vars(type(client)) if not name.startswith("_")}


def is_built(client, method: str) -> bool:
    takes_payload = "payload" in getattr(type(client), method).__code__.co_varnames
    answer = getattr(client, method)(**({"payload": {}} if takes_payload else {}))
    if answer.status_code != 501:
        assert answer.status_code != 405, method
        assert answer.status_code == 200 or not answer.json()["error"]["message"].startswith("Action"), method
        return True
    assert refusal(answer) == (501, "not_allowed")
    return False


@pytest.mark.parametrize("face", RIGHT)
def test_every_method_of_the_sdk_is_tried_or_not_built(face, agent, configuration, customer):
    client = {"agent": agent, "configuration": configuration, "customer": customer.client}[face]
    built = {method for method in methods(client) if is_built(client, method)}
    called = set(re.findall(RIGHT[face], Path(__file__).with_name(f"test_{face}.py").read_text()))
    assert built - called == set(), "methods without a right call"
    assert built - set(WRONG[face]) == ONLY_BY_TOKEN.get(face, set()), "methods without a wrong call"
    assert set(WRONG[face]) <= built
