"""A conversation that is hard to lay out: three languages, long words, emoji, code, other scripts, hostile markup."""

from __future__ import annotations

import random
from datetime import timedelta

from tickets.models import Event, Message, Ticket

ENGLISH = (
    "The printer on the second floor stopped again, and nobody there can tell why.",
    "I restarted the service, cleared the queue and watched the first three jobs come out.",
    "Could you send us the number on the label behind the paper tray, please?",
    "Since the update of last Thursday the search takes longer than a minute.",
)
PORTUGUESE = (
    "A impressora do segundo andar parou de novo, e ninguém sabe por quê.",
    "Reiniciei o serviço, limpei a fila e acompanhei as três primeiras impressões até o fim.",
    "Você poderia nos enviar o número que está na etiqueta atrás da bandeja de papel?",
    "Desde a atualização de quinta-feira passada, a pesquisa demora mais de um minuto.",
)
RUSSIAN = (
    "Принтер на втором этаже снова остановился, и никто не знает почему.",
    "Я перезапустил службу, очистил очередь и проследил за первыми тремя заданиями.",
    "Пришлите, пожалуйста, номер с наклейки за лотком для бумаги.",
    "После обновления в прошлый четверг поиск занимает больше минуты.",
)
CODE = """Here is what the log says:

def reconnect(self, attempts: int = 3) -> None:
    for attempt in range(attempts):
        try:
            self.link = open_link(self.address, timeout=30, keep_alive=True, verify="/etc/ssl/certs", retries=attempt)
        except TimeoutError as error:
            if attempt + 1 == attempts:
\t\traise LinkLost("gave up") from error"""
HOSTILE = (
    '<img src="file:///etc/passwd"><script>alert(1)</script><style>* { display: none }</style></article></body>',
    '<link rel="stylesheet" href="http://127.0.0.1:9/leak.css"><iframe src="http://127.0.0.1:9/"></iframe>',
    '<link rel="attachment" href="file:///etc/hostname"> {{ ticket.folder }} {% load secrets %} &amp;&lt;b&gt; "quoted"',
    "@page { size: 1mm } </style><svg><image href='file:///etc/passwd'/></svg>",
)
ODD = (
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 4,
    "превысокомногорассмотрительствующий" * 6,
    f"See https://intranet.demo.example/reports/{'a-very-long-path/' * 14}?token={'0123456789abcdef' * 9}#here",
    "Thanks! 🙏 It works again 🎉👩🏽‍💻 ✅ → ½ € “fine” … ☎ ☺ ★★★★☆",
    "שלום, המדפסת בקומה השנייה לא עובדת. Printer HP-4050 עדיין מהבהב (12:30).",
    "مرحبا، الطابعة في الطابق الثاني لا تعمل. الرقم 4050 ما زال يومض.",
    "1\n2\n3\n\n\n\n\nAfter many empty lines.",
    "x",
    "A\ttable\tof\ttabs\n1\t22\t333\n4444\t5\t66",
)


def texts(count: int, seed: int = 7) -> list[str]:
    """``count`` messages, the same ones for the same seed: mostly talk, and everything odd at least once."""
    source = random.Random(seed)
    special = [CODE, *HOSTILE, *ODD, _of_length(source, 4000), _of_length(source, 4000, "\n\n")]
    talk = []
    while len(talk) + len(special) < count:
        sentences = source.choice((ENGLISH, PORTUGUESE, RUSSIAN))
        talk.append(" ".join(source.choices(sentences, k=source.randint(1, 9))))
    found = [*talk, *special][:count]
    source.shuffle(found)
    return found


def _of_length(source: random.Random, length: int, between: str = " ") -> str:
    words = between.join(source.choice((*ENGLISH, *PORTUGUESE, *RUSSIAN)) for _index in range(length // 50))
    return words[:length]


def long_talk(ticket: Ticket, count: int = 200, *, notes: bool = True) -> None:
    """Let the executor and the requester of a ticket in service say all that, a note of the executor's now and then."""
    people, begun = (ticket.requester, ticket.executor), ticket.started_at or ticket.opened_at
    rows = []
    for index, text in enumerate(texts(count)):
        is_note = notes and index % 17 == 16
        author = people[1] if is_note else people[index % 2]
        at = begun + timedelta(hours=3 * index, minutes=7)
        rows.append(Message(ticket=ticket, kind="note" if is_note else "message", author=author, at=at, text=text))
    messages = Message.objects.bulk_create(rows)
    Event.objects.bulk_create(
        Event(
            ticket=ticket,
            verb="note" if one.kind == "note" else "write" if one.author == ticket.requester else "reply",
            actor=one.author,
            at=one.at,
            from_status=ticket.status,
            to_status=ticket.status,
            is_private=one.kind == "note",
            message=one,
        )
        for one in messages
    )
