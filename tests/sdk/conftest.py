"""One fresh sandbox for each file of tests."""

import pytest
from sandbox import Bot, Customer, Sandbox


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    with Sandbox.started(tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def bot(sandbox, tmp_path_factory):
    """The pizza bot, serving."""
    with Bot.serving(sandbox, tmp_path_factory.mktemp("bot")) as bot:
        yield bot


@pytest.fixture(scope="module")
def configuration(sandbox):
    return sandbox.configuration()


@pytest.fixture(scope="module")
def agent(sandbox):
    return sandbox.agent()


@pytest.fixture
def customer(sandbox) -> Customer:
    """Somebody who was never here."""
    return sandbox.customer()
