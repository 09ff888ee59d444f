"""The first panel of every notebook: which account to work on, and its credentials."""

from __future__ import annotations

from collections.abc import Callable

from ...api.session import Session
from ...errors import BridgeError, InvalidInput, MissingCredentials
from ...kept import forget, keep, kept
from ...settings import DEFAULT_REGION, REGIONS, Credentials, checked_region, checked_target
from ...sources import chosen, sources
from ...target import connect
from . import text
from .panel import Panel
from .values import Choices
from .widgets import Choice, Field, HtmlView, SecretField, row, show

TARGETS = [
    {
        "value": "sandbox",
        "title": "Sandbox",
        "detail": "A rehearsal on this machine. It behaves like Twilio; nothing reaches Twilio.",
    },
    {
        "value": "twilio",
        "title": "Twilio",
        "detail": "The customer's account. Looking changes nothing. Before anything is written, "
        "you see what it is and are asked.",
    },
]


class Connection(Panel):
    """
    Target and credentials; holds the session that the other panels of a notebook use.

    A card while there is no connection; once it is made, one line.

    Attributes:
        session: The session, or None while there is no connection.
        together: The panels about one service that work on it, by their kind: what is picked in
            one of them, the others take over.
    """

    name = "Connect"
    command = "bridge-workbook COMMAND --target sandbox|twilio"
    lead = "Which account to work on, and how to get in."

    def __init__(self, target: str = "") -> None:
        super().__init__()
        self.session: Session | None = None
        self.together: dict[str, Panel] = {}
        self._sessions: list[Session] = []
        self._subscribers: list[Callable[[Session | None], None]] = []
        self.banner = HtmlView(live=True)
        self.doubts = HtmlView()
        self.choices = Choices()
        value = self.choices.value("target", target, default="sandbox")
        known = value.text in ("sandbox", "twilio")
        self.target = Choice(
            "Target",
            options=TARGETS,
            value=value.text if known else "sandbox",
            source=value.shown if known else "",
            arrangement="row",
        )
        self.account = Field("Account SID", placeholder="AC…", help="On the Console's home page.")
        self.key = Field("API key SID", placeholder="SK…", help="Console: Account, API keys.")
        self.secret = SecretField(
            "API secret",
            help="Stays in memory, for the notebooks of this workbook; it is saved nowhere.",
        )
        self.region = Field(
            "Region",
            placeholder=DEFAULT_REGION,
            help=f"Where the key was made: {', '.join(REGIONS)}; empty: {DEFAULT_REGION}.",
        )
        self.typed = row(self.account, self.key, self.secret, self.region)
        self.open = self.button("Connect", self.connect, "primary")
        self.change = self.button("change", self.reopen, "link")
        self.line = row(self.banner, self.change, style="bw-connected")
        self.controls.children = [self.target, self.typed]
        self.actions.children = [self.open]
        title, *card = self.widget.children
        self._card = (title, *card)
        self.widget.children = [title, self.line, self.doubts, *card]
        self._fold(None)
        for control in (self.account, self.key, self.secret, self.region):
            control.on_submit(self.guarded(self.connect))
        self.on_change(self.target, self._target_chosen)
        self._show_target()
        if known:
            self.guarded(self._begin)()
        else:
            self.guarded(lambda: _refuse(value.text))()

    def subscribe(self, callback: Callable[[Session | None], None]) -> None:
        """Call back with the session now, if there is one, and with every one after it."""
        self._subscribers.append(callback)
        if self.session is not None:
            callback(self.session)

    def close(self) -> None:
        """
        Close all sessions that this panel opened.

        Not done when the target changes: a step may still be working on the old session.
        """
        for session in self._sessions:
            session.close()

    def connect(self) -> None:
        """
        Open a session and check that the credentials are accepted.

        The panel shows what is wrong: credentials missing, malformed or refused, terms not
        accepted, product not enabled, no connection, sandbox gone.
        """
        target = checked_target(self.target.value)
        credentials, region = self._typed_credentials() if target == "twilio" else (None, "")
        words = (
            "Looking for a sandbox, and starting one if there is none."
            if target == "sandbox"
            else "Asking Twilio whether these credentials are good."
        )
        self.start(
            lambda: _opened(target, credentials, region),
            lambda session: self._connected(session, credentials, region),
            words,
            failed=self._lost,
        )

    def reopen(self) -> None:
        """
        Show the card again; the session stays until there is another one.

        Credentials that were typed are forgotten, here and by the workbook.
        """
        forget()
        self.secret.clear()
        self._show_target()
        self._fold(None)
        self.enter("ready", "Choose where to work, and press Connect.")

    def refresh(self) -> None:
        """Disable the button and the target while it connects."""
        self.open.allow("connecting" if self.busy else "")
        self.target.disabled = self.busy
        self.open.label = "Connect again" if self.session else "Connect"

    # ------------------------------------------------------------------ callbacks

    def _begin(self) -> None:
        """Connect at once where nothing has to be typed, so that Run All needs no click."""
        try:
            if self.target.value == "twilio" and kept() is None:
                chosen(sources()).credentials()
        except MissingCredentials:
            self.enter("attention", "Type the account's credentials and press Connect.")
            return
        self.connect()

    def _target_chosen(self) -> None:
        self.choices.keep(target=self.target.value)
        self.target.source = ""
        self._show_target()
        self.trouble.value = ""
        self._tell(None)
        if self.target.value == "sandbox":
            self.connect()
        else:
            self._begin()

    def _show_target(self) -> None:
        show(self.typed, self.target.value == "twilio")
        fields = (self.account, self.key, self.secret, self.region)
        try:
            source = chosen(sources())
            found, region = source.credentials(), source.region()
        except BridgeError:
            for control in fields:
                control.source = ""
            return
        for control in fields:
            control.source = f"from {source.name}"
        self.account.source = f"{text.short(found.account_sid)} from {source.name}"
        self.region.source = f"{region} from {source.name}" if region else ""

    def _typed_credentials(self) -> tuple[Credentials | None, str]:
        """
        What was typed, checked, with its region.

        None and empty when nothing was typed: then the environment is used.
        """
        account, key = self.account.value.strip(), self.key.value.strip()
        region = self.region.value.strip()
        self.account.error = self.key.error = self.secret.error = self.region.error = ""
        if not account and not key and not self.secret.secret and not region:
            self._require_some()
            return None, ""
        by_name = {
            "TWILIO_ACCOUNT_SID": self.account,
            "TWILIO_API_KEY": self.key,
            "TWILIO_API_SECRET": self.secret,
            "Region": self.region,
        }
        for control, given in (
            (self.account, account),
            (self.key, key),
            (self.secret, self.secret.secret),
        ):
            if not given:
                control.error = "needed as well"
        try:
            return (
                Credentials.checked(account, key, self.secret.secret.reveal()),
                checked_region("Region", region),
            )
        except InvalidInput as error:
            if error.field in by_name:
                by_name[error.field].error = error.rule
            raise

    def _require_some(self) -> None:
        """Ask for credentials where nothing was typed and none are anywhere else."""
        try:
            if kept() is None:
                chosen(sources()).credentials()
        except MissingCredentials:
            for control in (self.account, self.key, self.secret):
                control.error = "needed"
            raise MissingCredentials(
                "There are no credentials yet.",
                "Nothing was sent.",
                "Type account SID, API key SID and API secret above, and press Connect.",
            ) from None

    # ------------------------------------------------------------------ the worker

    def _connected(self, session: Session, typed: Credentials | None, region: str) -> None:
        if typed is not None:
            # They were accepted: the other notebooks need not ask for them.
            keep(typed, region)
        self._sessions.append(session)
        account = session.account
        sentences = [account.warning, *account.unused]
        if not session.key_is_known:
            sentences.append("Whose the key is could not be told: compare the services with care.")
        self.doubts.value = text.joined(
            text.box("warning", text.html("{}", one)) for one in sentences if one
        )
        self.enter("done", "Connected.")
        self._fold(session)
        self._tell(session)

    def _fold(self, session: Session | None) -> None:
        """One line with a session, the card without."""
        connected = session is not None
        for one in (self.line, self.doubts):
            show(one, connected)
        for one in self._card:
            show(one, not connected)
        if session is None:
            return
        self.banner.value = _line(session)
        for target in ("sandbox", "twilio"):
            name = f"bw-on-{target}"
            (self.line.add_class if target == session.target else self.line.remove_class)(name)

    def _lost(self, error: Exception) -> None:
        self._tell(None)

    def _tell(self, session: Session | None) -> None:
        self.session = session
        if session is None:
            self.banner.value = self.doubts.value = ""
            self._fold(None)
        self.refresh()
        for callback in self._subscribers:
            callback(session)


def _line(session: Session) -> text.Html:
    """Where a session works, short enough for one line."""
    account = session.account
    who = text.short(account.sid)
    if session.target == "sandbox":
        return text.html(
            '<strong title="{}">✓ Sandbox: nothing here reaches Twilio</strong> · {}',
            account.sid,
            who,
        )
    where = account.region or DEFAULT_REGION
    if account.origins.loopback:
        where += ", at addresses on this machine"
    return text.html(
        '<strong title="{}">✓ Twilio account {}</strong> · region {} · what you apply here is real',
        account.sid,
        who,
        where,
    )


def _refuse(target: str) -> None:
    checked_target(target)


def _opened(target: str, credentials: Credentials | None, region: str) -> Session:
    """A session whose credentials are accepted by classic and by Orchestrator."""
    session = connect(target, credentials=credentials, region=region)
    try:
        next(iter(session.classic.services()), None)
        next(iter(session.orchestrator.configurations()), None)
    except Exception:
        session.close()
        raise
    return session
