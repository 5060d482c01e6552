"""A LiveChat on this desk, the bot that serves it, and the SDK's clients for both.

The processes are the real binary's; each is ended by its own pid and has to end cleanly.
"""

import base64
import contextlib
import json
import os
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
from livechat.agent import AgentWeb
from livechat.configuration import ConfigurationApi
from livechat.customer import CustomerWeb
from livechat.utils.structures import AccessToken, TokenType

BINARY = os.environ["CHIMEIN_BIN"]
# Nothing takes this long: it only keeps a broken build from waiting for ever.
WATCHDOG = 30.0

Fits = Callable[[dict], bool]


def ok(response: httpx.Response):
    """The JSON of a success."""
    assert response.status_code == 200, response.text
    return response.json()


def refusal(response: httpx.Response) -> tuple[int, str]:
    """Status and type of a refusal, which has the documented form."""
    error = response.json()["error"]
    assert error["message"], response.text
    return response.status_code, error["type"]


class Process:
    """The binary at work; it writes JSON, a line at a time."""

    def __init__(self, *arguments: str, environment: dict[str, str] | None = None):
        # Nothing of this machine's environment: no proxies, no other settings.
        self._child = subprocess.Popen(
            [BINARY, *arguments], env=environment or {}, stdout=subprocess.PIPE, text=True)
        self._lines: list[dict] = []
        self._ended = False
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        try:
            for line in self._child.stdout:
                with self._news:
                    self._lines.append(json.loads(line))
                    self._news.notify_all()
        finally:
            with self._news:
                self._ended = True
                self._news.notify_all()

    def wait_for(self, fits: Fits) -> dict:
        """The first line that fits, as soon as it is written."""
        def found():
            return next((line for line in self._lines if fits(line)), None)

        with self._news:
            self._news.wait_for(lambda: found() or self._ended, WATCHDOG)
            assert found(), f"no such line among {self._lines}"
            return found()

    def stop(self):
        """Asks it to end and wants a clean end."""
        self._child.terminate()
        try:
            assert self._child.wait(WATCHDOG) == 0
        finally:
            self._child.kill()
            self._child.wait()
            self._reader.join()
            self._child.stdout.close()


@contextlib.contextmanager
def running(*arguments: str, environment: dict[str, str] | None = None) -> Iterator[Process]:
    """The binary, which is ended whatever happens."""
    process = Process(*arguments, environment=environment)
    try:
        yield process
    finally:
        process.stop()


class Sandbox:
    """`chimein sandbox --tls`: the SDK speaks https only."""

    @classmethod
    @contextlib.contextmanager
    def started(cls, folder: Path) -> Iterator["Sandbox"]:
        ca = folder / "ca.pem"
        with running("sandbox", "--listen", "127.0.0.1:0", "--tls", "--ca-out", str(ca), "--json") as process:
            sandbox = cls(process.wait_for(lambda line: "api_url" in line), ca)
            with sandbox.http:
                yield sandbox

    def __init__(self, addresses: dict, ca: Path):
        self.at = addresses
        self.ca = ca
        self.trust = ssl.create_default_context(cafile=self.ca)
        # What Python asks of certificates from 3.13 on.
        self.trust.verify_flags |= ssl.VERIFY_X509_STRICT
        self.http = httpx.Client(
            base_url=self.at["api_url"], verify=self.trust, trust_env=False, timeout=WATCHDOG)
        self._bearer = {"Authorization": f"Bearer {self.at['agent_token']}"}

    def token_facts(self) -> dict:
        """What the accounts service says of the agent's token."""
        return ok(self.http.get(f"{self.at['accounts_url']}/v2/info", headers=self._bearer))

    def _face(self, face: type, url: str, **arguments):
        host = self.at[url].removeprefix("https://")
        return face.get_client(
            version="3.6", base_url=host, verify=self.trust, disable_logging=True, **arguments)

    def personal_access_token(self) -> AccessToken:
        pair = f"{self.at['account_id']}:{self.at['personal_access_token']}"
        return AccessToken(base64.b64encode(pair.encode()).decode(), TokenType.BASIC)

    def configuration(self):
        """The developer, with a personal access token."""
        return self._face(ConfigurationApi, "api_url", token=self.personal_access_token())

    def agent(self, token: str | AccessToken | None = None):
        """The human agent with a personal access token, or whoever the token belongs to."""
        token = token or self.personal_access_token()
        return self._face(AgentWeb, "api_url", access_token=token)

    def bot_token(self, bot: dict) -> str:
        """A token for a bot as `create_bot` answered it."""
        token = ok(self.configuration().issue_bot_token(
            bot_id=bot["id"], bot_secret=bot["secret"], client_id=self.at["client_id"],
            organization_id=self.at["organization_id"]))["token"]
        return f"Bearer {token}"

    def customer(self, entity_id: str | None = None) -> "Customer":
        """A customer who was never here, or one who comes back."""
        # Customers come through the agents' app: of what comes through the developer's own
        # its webhooks are not told.
        client_id = self.token_facts()["client_id"]
        request = {"grant_type": "agent_token", "client_id": client_id, "response_type": "token"}
        if entity_id:
            request["entity_id"] = entity_id
        answer = ok(self.http.post(
            f"{self.at['accounts_url']}/v2/customer/token", headers=self._bearer, json=request))
        return Customer(answer["entity_id"], self.customer_client(f"Bearer {answer['access_token']}"))

    def customer_client(self, token: str):
        return self._face(
            CustomerWeb, "customer_url", organization_id=self.at["organization_id"], access_token=token)

    def journal(self) -> list[dict]:
        """Every call and every delivery, in order."""
        return ok(self.http.get("/sandbox/journal"))

    def calls(self, requester: str, chat_id: str) -> list[str]:
        """The actions that somebody called for a chat, in order."""
        calls = [entry["call"] for entry in self.journal() if "call" in entry]
        return [call["action"] for call in calls
                if call["requester"] == requester and call["chat_id"] == chat_id]

    def wait_for_delivery(self, action: str, chat_id: str, url: str):
        """Returns when the webhook has been answered with 200."""
        def fits(entry: dict) -> bool:
            delivery = entry.get("delivery", {})
            wanted = {"action": action, "chat_id": chat_id, "url": url, "outcome": {"status": 200}}
            return wanted.items() <= delivery.items()

        deadline = time.monotonic() + WATCHDOG
        # The stream is opened first, so that nothing is missed between it and the journal.
        with self.http.stream("GET", "/sandbox/journal/stream") as news:
            if any(fits(entry) for entry in self.journal()):
                return
            for line in news.iter_lines():
                if line.startswith("data:") and fits(json.loads(line.removeprefix("data:"))):
                    return
                assert time.monotonic() < deadline, f"no delivery of {action}"


class Customer:
    """Somebody with a question: an id and the SDK's client."""

    def __init__(self, customer_id: str, client):
        self.id = customer_id
        self.client = client

    def start_chat(self, text: str) -> dict:
        """A new chat that begins with these words: `chat_id`, `thread_id`, `event_ids`."""
        events = [{"type": "message", "text": text}]
        return ok(self.client.start_chat(chat={"thread": {"events": events}}))

    def say(self, chat_id: str, text: str) -> str:
        """The id of the new message."""
        event = {"type": "message", "text": text}
        return ok(self.client.send_event(chat_id=chat_id, event=event))["event_id"]

    def texts(self, chat_id: str) -> list[str]:
        """What the customer reads in the chat's window."""
        return [event.get("text", "") for event in self.events(chat_id)]

    def events(self, chat_id: str) -> list[dict]:
        return ok(self.client.get_chat(chat_id=chat_id))["thread"]["events"]


class Bot:
    """`chimein serve`, set up and switched on by the SDK."""

    SECRET_KEY = "the key of the webhooks"

    @classmethod
    @contextlib.contextmanager
    def serving(cls, sandbox: Sandbox, folder: Path) -> Iterator["Bot"]:
        # A supervisor is never given a chat.
        made = ok(sandbox.configuration().create_bot(
            name="Pizza Bot", owner_client_id=sandbox.at["client_id"],
            groups=[{"id": 0, "priority": "supervisor"}]))
        with running("serve", environment=cls._settings(sandbox, folder, made)) as process:
            bot = cls(made["id"], process)
            bot._switch_on(sandbox)
            yield bot

    @classmethod
    def _settings(cls, sandbox: Sandbox, folder: Path, made: dict) -> dict[str, str]:
        rules = folder / "rules.toml"
        rules.write_text('[[rules]]\nname = "pizza"\nkeywords = ["pizza"]\nreply = "Pizza is on the way!"\n')
        settings = {
            "LIVECHAT__API_URL": sandbox.at["api_url"], "LIVECHAT__ACCOUNTS_URL": sandbox.at["accounts_url"],
            "LIVECHAT__CA_FILE": str(sandbox.ca), "LIVECHAT__CLIENT_ID": sandbox.at["client_id"],
            "LIVECHAT__ORGANIZATION_ID": sandbox.at["organization_id"],
            "BOT__ID": made["id"], "BOT__SECRET": made["secret"], "WEBHOOKS__SECRET_KEY": cls.SECRET_KEY,
            "SERVER__LISTEN": "127.0.0.1:0", "ADMIN__LISTEN": "127.0.0.1:0",
            # These tests count the calls of visits; the sweep's would be among them, now and then.
            "SWEEP__INTERVAL": "0s",
            "OUTBOX__URL": f"sqlite://{folder / 'chimein.db'}", "RULES__PATH": str(rules),
        }
        return {f"CHIMEIN__{name}": value for name, value in settings.items()}

    def __init__(self, bot_id: str, process: Process):
        self.id = bot_id
        self._process = process
        serving = process.wait_for(lambda line: line["message"] == "serving")
        self.webhook_url = f"http://{serving['server.listen']}/webhooks/livechat"
        self.webhook_ids: list[str] = []

    def _switch_on(self, sandbox: Sandbox):
        for action in ("incoming_chat", "incoming_event"):
            webhook = ok(sandbox.configuration().register_webhook(
                action=action, url=self.webhook_url, secret_key=self.SECRET_KEY, type="bot",
                owner_client_id=sandbox.at["client_id"], description="chimein",
                additional_data=["chat_properties", "chat_presence_user_ids"],
                filters={"source_type": ["other_clients", "system"]}))
            self.webhook_ids.append(webhook["id"])
        # An offline bot hears nothing; one that accepts chats takes them away from people.
        ok(sandbox.agent().set_routing_status(agent_id=self.id, status="not_accepting_chats"))

    def wait_for_visit(self, chat_id: str) -> dict:
        """The log line at the end of the bot's stay in the chat."""
        return self._process.wait_for(
            lambda line: line["message"].startswith("visit ended") and line.get("chat.id") == chat_id)
