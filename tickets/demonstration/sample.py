"""A real log, played by the people of the demonstration: its groups become their departments, its times end about now.

The log is anonymous; what its incidents are about is told in the words of whoever opens them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import cycle

from django.core.files.base import ContentFile

from helpdesk.people.models import Department, Service, User
from tickets.replay.log import Incident, Row
from tickets.replay.stage import Place, group_of

from . import papers
from .people import Desk

# The first incident was opened so long ago, the last one today.
DAYS = 18
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

# Department: what is asked for there: service, subject, description.
TOPICS: dict[str, list[tuple[str, str, str]]] = {
    "Atendimento": [
        ("Computador e impressora", "Notebook não liga depois da atualização", "Fica na tela preta com o logotipo."),
        ("Acesso e senhas", "Senha do portal expirou", "Não consigo trocar a senha, a página volta para o início."),
        ("Telefonia", "Ramal 214 sem sinal", "O telefone da recepção não faz nem recebe chamadas desde cedo."),
        ("Computador e impressora", "Scanner do financeiro não aparece na rede", "A lista de dispositivos está vazia."),
        ("Acesso e senhas", "Liberar pasta de contratos para a nova colega", "Ela começou na segunda-feira."),
        ("Computador e impressora", "Planilha abre somente para leitura", "Ninguém mais está com o arquivo aberto."),
        ("Telefonia", "Transferir chamadas durante as férias", "De 3 a 14 do próximo mês, para o ramal 220."),
        ("Computador e impressora", "Teclado com teclas presas", "As teclas A e S repetem sozinhas."),
    ],
    "Техподдержка": [
        ("Рабочее место", "Не печатает принтер на третьем этаже", "Задания стоят в очереди, ошибок нет."),
        ("Сеть и интернет", "Пропадает Wi-Fi в переговорной", "Связь рвётся каждые десять минут."),
        ("Учётные программы", "Не проводится накладная", "Пишет, что период закрыт, но он открыт."),
        ("Рабочее место", "Нужен второй монитор", "Для работы со сметами одного не хватает."),
        ("Сеть и интернет", "Не открывается сайт банка", "Сертификат не принимается, прилагаю текст ошибки."),
        ("Учётные программы", "Отчёт считает дважды", "В отчёте за неделю суммы удвоены."),
    ],
    "Support": [
        (
            "Network",
            "VPN drops every afternoon",
            "It asks for the password again at about three o'clock, for everyone.",
        ),
        ("Software", "Spreadsheet macro stopped working", "It says that the library is missing since the update."),
        ("Accounts and access", "New colleague needs an account", "She starts on Monday in the Lisbon office."),
        ("Workplace", "Docking station does not charge", "The screen works, but the battery runs down."),
        ("Software", "Calendar shows meetings an hour late", "Only those that colleagues abroad have made."),
        ("Network", "Shared drive is very slow", "Opening a folder takes a minute; yesterday it was fine."),
        ("Accounts and access", "Locked out after holidays", "The password is right, but I get no code on my phone."),
        ("Workplace", "Headset microphone is silent", "Others cannot hear me, a second headset does the same."),
    ],
}
WORDS: dict[str, dict[str, list[str]]] = {
    "pt-br": {
        "ask": [
            "Pode nos dizer desde quando isso acontece, e se há uma mensagem na tela?",
            "Acontece também em outro computador? Por favor, teste e nos conte.",
        ],
        "answer": [
            "Desde ontem de manhã. Não há mensagem nenhuma.",
            "Testei no computador da colega: lá acontece o mesmo.",
        ],
        "send_solution": [
            "Corrigimos a configuração e testamos com você por telefone. Por favor, confirme.",
            "O equipamento foi trocado e já está funcionando. Pode verificar?",
            "O acesso foi liberado. Saia do sistema e entre de novo para que tenha efeito.",
        ],
        "return_solution": ["Funcionou por meia hora e o problema voltou."],
        "note": ["Aguardando o fabricante, chamado aberto com eles."],
    },
    "ru": {
        "ask": ["Подскажите, пожалуйста, когда это началось и что было на экране?"],
        "answer": ["Началось вчера после обеда, на экране ничего необычного."],
        "send_solution": [
            "Настройки исправлены, проверили на вашем рабочем месте. Пожалуйста, подтвердите.",
            "Оборудование заменено, всё работает. Проверьте, пожалуйста.",
        ],
        "return_solution": ["К сожалению, сегодня утром всё повторилось."],
        "note": ["Ждём ответа поставщика."],
    },
    "en": {
        "ask": [
            "Since when does this happen, and is there a message on the screen?",
            "Does it happen on another computer as well? Please try and tell us.",
        ],
        "answer": [
            "Since yesterday morning, and there is no message at all.",
            "Yes, on my colleague's it is the same.",
        ],
        "send_solution": [
            "We have corrected the settings and tested them. Please confirm that it works for you.",
            "The part was replaced this morning, and everything works again. Could you have a look?",
            "The access is there now. Please sign out and in again.",
        ],
        "return_solution": ["It worked for half an hour, then the trouble came back."],
        "note": ["Waiting for the vendor; their case is open."],
    },
}
_LANGUAGE_OF = {"Atendimento": "pt-br", "Техподдержка": "ru", "Support": "en"}
_SHARES = ("Support", "Atendimento", "Support", "Техподдержка", "Atendimento")


class DemoStage:
    """Who plays the log's people: whoever of the desk is next in turn, always the same one for the same name."""

    def __init__(self, desk: Desk, incidents: Iterable[Incident]) -> None:
        self._desk = desk
        self._everybody = {user.pk: user for user in [*desk.people.values(), *desk.customers.values()]}
        incidents = list(incidents)
        self._departments = _deal((group_of(incident) for incident in incidents), _SHARES)
        self._order = {incident.number: position for position, incident in enumerate(incidents)}
        languages = ((incident.number, _LANGUAGE_OF[self._departments[group_of(incident)]]) for incident in incidents)
        callers = {language: cycle(self._speakers(language)) for language in WORDS}
        self._requesters = {number: next(callers[language]) for number, language in languages}

    def _speakers(self, language: str) -> list[User]:
        """Who opens tickets in a language. Rita is left out: each of her tickets is told in full."""
        desk = self._desk
        people = [desk.people[name] for name in ("cora", "max", "lena", "noah", "eve")] + list(desk.customers.values())
        return [person for person in people if person.language == language]

    def requester(self, incident: Incident) -> User:
        return self._requesters[incident.number]

    def department(self, incident: Incident) -> Department:
        return self._desk.departments[self._departments[group_of(incident)]]

    def _topic(self, incident: Incident) -> tuple[str, str, str]:
        topics = TOPICS[self._departments[group_of(incident)]]
        return topics[self._order[incident.number] % len(topics)]

    def service(self, incident: Incident, department: Department) -> Service:
        return self._desk.services[self._topic(incident)[0]]

    def place(self, row: Row) -> Place | None:
        """Nowhere else: the departments here are not the log's groups, so a ticket stays in the one it has."""
        return None

    def head(self, department: Department) -> User | None:
        """Nobody: what heads decide is told in the conversations."""
        return None

    def agent(self, name: str, department: Department, line: int) -> User | None:
        agents = self._desk.agents_of(department.name)
        return agents[_number_in(name) % len(agents)] if name else None

    def person(self, user: User) -> User:
        return self._everybody[user.pk]

    def subject(self, incident: Incident) -> str:
        return self._topic(incident)[1]

    def words(self, verb: str, incident: Incident, row: Row) -> str:
        if verb == "open":
            return self._topic(incident)[2]
        said = WORDS[_LANGUAGE_OF[self._departments[group_of(incident)]]][verb]
        return said[(self._order[incident.number] + row.line) % len(said)]

    def file(self, incident: Incident) -> ContentFile:
        order = self._order[incident.number]
        if order % 2:
            return papers.picture(f"screen-{order}.png", hue=order)
        lines = [f"{incident.opened_at:%H:%M}:{order:02}.{step:03} retry {step}" for step in range(1, 6)]
        return papers.text(f"log-{order}.txt", f"session {incident.number}", *lines)

    def shift(self, incident: Incident, now: datetime) -> timedelta:
        """Spread the openings, which lie within three days of the log, over the last weeks' working hours."""
        order, last = self._order[incident.number], max(len(self._order) - 1, 1)
        opened_at = now - DAYS * DAY * (1 - order / last)
        if order < last:
            hour = timedelta(hours=8 + order * 7 % 10, minutes=order * 13 % 60)
            opened_at = opened_at.replace(hour=0, minute=0, second=0, microsecond=0) + hour
        return min(opened_at, now - 3 * HOUR).replace(second=0, microsecond=0) - incident.opened_at


def _deal(names: Iterable[str], among: tuple[str, ...]) -> dict[str, str]:
    """Each name gets the next one of ``among``, in turn."""
    dealt: dict[str, str] = {}
    for name in names:
        dealt.setdefault(name, among[len(dealt) % len(among)])
    return dealt


def _number_in(name: str) -> int:
    return int("".join(filter(str.isdigit, name)) or 0)
