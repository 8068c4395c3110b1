"""Tickets that are told in full: what was said, by whom, how long ago. Rita has one in every status and outcome.

``executor`` stands for whoever the clock has given the ticket to.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.core.files.base import ContentFile

from tickets.lifecycle import Priority

from .papers import document, picture, text

_UNITS = {"d": "days", "h": "hours", "m": "minutes"}


def span(said: str) -> timedelta:
    """``2d 4h 10m`` as a length of time."""
    return timedelta(**{_UNITS[unit]: int(count) for count, unit in re.findall(r"(\d+)([dhm])", said)})


@dataclass(frozen=True)
class Said:
    """One move: how long ago, who, what.

    Attributes:
        to: whom the ticket is given to.
        service: what it is forwarded to.
        priority: what is asked for.
        action: the name of the action that the customer's managers are asked to approve.
    """

    ago: str
    who: str
    verb: str
    text: str = ""
    files: Sequence[ContentFile] = ()
    rating: int = 0
    to: str = ""
    service: str = ""
    priority: str = ""
    action: str = ""


@dataclass(frozen=True)
class Conversation:
    """A ticket from its opening on."""

    ago: str
    by: str
    service: str
    subject: str
    text: str
    files: Sequence[ContentFile] = ()
    priority: Priority = Priority.NORMAL
    then: Sequence[Said] = ()


def conversations() -> list[Conversation]:
    """All of them; made anew each time, since files are read only once."""
    return [*_of_rita(), *_in_portuguese(), *_in_russian(), *_in_english()]


def _of_rita() -> list[Conversation]:
    return [
        Conversation(
            "12d 3h", "rita", "Computador e impressora", "Impressora do caixa puxa duas folhas",
            "Desde a troca do toner, a impressora do caixa 2 puxa duas folhas de cada vez e para com erro. "
            "A fila de clientes já está grande.",
            [picture("erro-impressora.png", hue=1), text("modelo.txt", "LaserJet M404", "série BR-77120")],
            Priority.HIGH,
            [
                Said("12d 2h 50m", "bruno", "assume"),
                Said("12d 2h 40m", "bruno", "start"),
                Said("12d 2h 35m", "bruno", "ask", "Bom dia, Rita! O papel é o mesmo de antes? Qual a gramatura?"),
                Said("12d 2h 10m", "rita", "answer", "É outro, de 90 g. A nota está em anexo.",
                     [document("nota-papel.pdf", "Papelaria Central", "20 pacotes, A4, 90 g")]),
                Said("12d 1h", "bruno", "send_solution",
                     "Ajustei a bandeja para papel de 90 g. Por favor, teste com dez páginas."),
                Said("11d 23h", "rita", "return_solution",
                     "Melhorou, mas de cada dez folhas uma ainda vem dobrada. Precisa trocar alguma peça?"),
                Said("11d 2h", "bruno", "reply", "Sim, o rolete. Ele chega amanhã de manhã."),
                Said("10d 4h", "bruno", "send_solution", "Rolete trocado e testado com 200 folhas, todas perfeitas.",
                     [picture("rolete-novo.png", hue=2)]),
                Said("10d 2h", "rita", "approve"),
                Said("9d 22h", "rita", "answer_survey", "Atendimento muito atencioso, obrigada!", rating=5),
            ],
        ),
        Conversation(
            "38m", "rita", "Acesso e senhas", "Acesso ao sistema de notas para a estagiária",
            "A estagiária Bia começou hoje e precisa emitir notas. Segue o formulário assinado pelo Max.",
            [document("formulario-acesso.pdf", "Pedido de acesso", "Nome: Beatriz Nunes", "Sistema: notas fiscais")],
        ),
        Conversation(
            "5h 20m", "rita", "Software", "Spreadsheet add-in asks for a licence",
            "Since this morning the add-in for price lists asks for a licence key. We need it on Friday at the latest.",
            [picture("licence-window.png", hue=3)],
            then=[
                Said("5h 12m", "ada", "assume"),
                Said("5h", "ada", "note", "The licence server moved last night; this laptop has the old address."),
                Said("2h", "ada", "request_action",
                     "The old key is used up. A new one for five people costs 240 EUR for a year; with your consent I "
                     "order it today, so that the price lists are ready on Friday.", action="Buy licences"),
            ],
        ),
        Conversation(
            "1d 4h", "rita", "Telefonia", "Ramal da expedição com eco",
            "Os clientes reclamam de eco quando ligam para a expedição. Com fone de ouvido o eco some.",
            [text("chamadas.txt", "09:12 eco forte", "09:40 sem eco (fone)", "10:05 eco forte")],
            Priority.LOW,
            [
                Said("1d 3h", "bruno", "assume"),
                Said("23h", "bruno", "start"),
                Said("22h", "bruno", "reply", "Vou medir a linha hoje à tarde. Pode deixar o ramal livre às 15h?"),
                Said("21h 30m", "rita", "write", "Pode sim, aviso a equipe."),
                Said("21h", "bruno", "request_action", "O aparelho da expedição é de 2014. Um novo custa R$ 390.",
                     action="Trocar equipamento"),
                Said("20h 20m", "max", "approve_action"),
                Said("20h", "bruno", "reply", "Medição feita: o problema está no aparelho. Vou levar um novo.",
                     [text("medicao.txt", "linha 48 V", "ruído -62 dB", "eco 180 ms no aparelho")]),
            ],
        ),
        Conversation(
            "2d 6h", "rita", "Network", "Cannot reach the Lisbon share from the branch",
            "The folder with the price lists opens in the head office, but not here in the branch.",
            [picture("network-error.png", hue=4)],
            then=[
                Said("2d 5h 50m", "ada", "assume"),
                Said("2d 5h", "ada", "start"),
                Said("3h", "ada", "ask",
                     "Hello Rita! Please open a command window, run the two lines of the attached file and send me "
                     "what they print.", [text("please-run.txt", "ping files.horizonte.example", "nslookup files")]),
            ],
        ),
        Conversation(
            "1d 8h", "rita", "Computador e impressora", "Monitor do balcão piscando",
            "O monitor do balcão pisca a cada poucos segundos, principalmente de manhã.",
            [picture("monitor.png", hue=5)],
            then=[
                Said("1d 7h", "ada", "assume"),
                Said("1d 6h", "ada", "start"),
                Said("6h", "ada", "send_solution",
                     "Troquei o cabo por um blindado e afastei a fonte da balança. Há uma hora sem piscar. "
                     "Pode aprovar, ou devolver se voltar a acontecer?", [picture("cabo-novo.png", hue=2)]),
            ],
        ),
        Conversation(
            "3d 2h", "rita", "Сеть и интернет", "Video calls with the Moscow office break up",
            "Every call with the Moscow office breaks up after some ten minutes. Other calls are fine.",
            [text("calls.txt", "Mon 14:10 dropped after 11 min", "Tue 14:05 dropped after 9 min")],
            Priority.HIGH,
            [
                Said("2d 22h", "executor", "start"),
                Said("2d 20h", "executor", "ask", "Which of the two meeting rooms was it?"),
                Said("2d 18h", "rita", "answer", "The large one, both times."),
                Said("8h", "executor", "send_solution",
                     "The access point of the large room was renewed; a call of 50 minutes went well."),
                Said("2h", "rita", "approve"),
            ],
        ),
        Conversation(
            "9h", "rita", "Учётные программы", "Price list shows last year's currency",
            "The price list of the Moscow office still shows the exchange rate of last year, so our offers are wrong.",
            [picture("price-list.png", hue=2)],
            Priority.HIGH,
            [
                Said("8h 55m", "hugo", "give", to="ada"),
                Said("8h 30m", "ada", "start"),
                Said("7h", "ada", "reply", "Thank you, Rita. I can see it here as well and am looking for its source."),
                Said("4h", "ada", "note", "The rate comes from the ledger's server, to which line 1 has no access."),
                Said("3h 40m", "ada", "request_line_change",
                     "The rate is stored on the ledger's server; only line 2 can change it there."),
            ],
        ),
        Conversation(
            "4d 6h", "rita", "Рабочее место", "Old label printer is not recognised",
            "The label printer of the depot is not recognised since the computers were renewed.",
            [picture("label-printer.png", hue=5), text("device.txt", "USB\\VID_0A5F unknown device")],
            then=[
                Said("4d 5h 52m", "hugo", "give", to="irina"),
                Said("4d 5h", "irina", "start"),
                Said("4d 2h", "irina", "request_line_change", "Драйвера нет, нужна вторая линия."),
                Said("4d 1h 50m", "hugo", "approve_line_change", "Otto, please see whether the maker has one."),
                Said("4d 1h 45m", "hugo", "give", to="otto"),
                Said("4d 1h", "otto", "start"),
                Said("2h 20m", "otto", "request_closing",
                     "The maker ended its support years ago, and there is no driver for our systems."),
            ],
        ),
        Conversation(
            "15d 2h", "rita", "Telefonia", "Gravar as chamadas da recepção",
            "Gostaríamos de gravar todas as chamadas da recepção para treinar os colegas novos.",
            [text("exemplo.txt", "Recepção, ramal 201", "segunda a sexta, 8h às 18h")],
            Priority.LOW,
            [
                Said("15d 1h", "bruno", "assume"),
                Said("15d", "bruno", "start"),
                Said("14d 22h", "bruno", "request_closing",
                     "O jurídico não permite gravar sem o consentimento de quem liga, e a central não sabe perguntar."),
                Said("14d 21h", "hugo", "refuse_closing", "Pergunte ao fornecedor se a próxima versão o faz."),
                Said("14d 3h", "bruno", "request_closing", "O fornecedor respondeu: somente a partir do ano que vem."),
                Said("14d 2h", "hugo", "approve_closing",
                     "A lei exige o consentimento de quem liga, e a nossa central ainda não consegue pedi-lo. "
                     "O fornecedor promete a função para o ano que vem."),
            ],
        ),
        Conversation(
            "6d 1h", "rita", "Workplace", "Borrow a projector for Thursday",
            "We need a projector for the meeting on Thursday at ten.",
            [text("room.txt", "Room 2, Thursday 10:00 to 12:00")],
            Priority.LOW,
            [
                Said("6d 52m", "otto", "assume"),
                Said("5d 22h", "rita", "cancel", "The meeting takes place on line, we do not need it any more."),
            ],
        ),
    ]  # fmt: skip


def _in_portuguese() -> list[Conversation]:
    return [
        Conversation(
            "4d 5h", "cora", "Acesso e senhas", "Não recebo o código de segurança",
            "O código para entrar no banco de horas não chega mais no meu celular.",
            [picture("codigo.png", hue=0)],
            then=[
                Said("4d 4h", "ada", "assume"),
                Said("4d 3h", "ada", "start"),
                Said("4d 1h", "ada", "send_solution", "Seu número estava sem um dígito no cadastro. Corrigido!"),
            ],
        ),
        Conversation(
            "7h", "cora", "Computador e impressora", "Computador do estoque muito lento",
            "Abrir o controle de estoque leva cinco minutos. Já reiniciamos duas vezes.",
            [text("tempos.txt", "08:10 abertura 4 min 50 s", "08:40 abertura 5 min 10 s")],
            Priority.HIGH,
            [
                Said("6h 30m", "ada", "assume"),
                Said("6h", "ada", "start"),
                Said("5h 30m", "ada", "note", "Disco com setores defeituosos; pedir SSD no almoxarifado."),
                Said("4h", "ada", "reply", "Cora, o disco está no fim. Copio os dados hoje à noite para um novo."),
                Said("45m", "cora", "write", "Obrigada! Precisamos dele de volta às 8h, tudo bem?"),
            ],
        ),
        Conversation(
            "9d 4h", "max", "Telefonia", "Central telefônica desligou as filiais",
            "Nenhuma filial consegue ligar para fora desde as 9h.",
            [text("filiais.txt", "Sul: sem linha", "Norte: sem linha")],
            Priority.URGENT,
            [
                Said("9d 3h 58m", "bruno", "assume"),
                Said("9d 3h 57m", "bruno", "start"),
                Said("9d 2h", "bruno", "send_solution", "A operadora refez a rota; as filiais ligam de novo."),
                Said("9d 1h 30m", "max", "approve"),
                Said("9d 1h", "max", "answer_survey", "Resolvido, mas duas horas sem telefone é muito.", rating=2),
            ],
        ),
        Conversation(
            "1h 50m", "max", "Acesso e senhas", "Colega saiu da empresa: bloquear acessos",
            "O desligamento é hoje às 18h. A lista dos sistemas está em anexo.",
            [document("sistemas.pdf", "Notas", "Estoque", "Correio")],
            Priority.URGENT,
        ),
        Conversation(
            "3d 7h", "petra", "Computador e impressora", "Assinatura digital não é aceita",
            "O contrato volta com o aviso de que o certificado venceu, mas ele vale até o ano que vem.",
            [document("contrato.pdf", "Contrato de fornecimento"), picture("aviso.png", hue=1)],
            then=[
                Said("3d 6h", "bruno", "assume"),
                Said("3d 5h", "bruno", "start"),
                Said("1d 1h", "bruno", "ask", "Petra, pode nos enviar o número de série que aparece no certificado?"),
            ],
        ),
    ]  # fmt: skip


def _in_russian() -> list[Conversation]:
    return [
        Conversation(
            "8d 2h", "lena", "Учётные программы", "Не открывается справочник цен",
            "При открытии справочника программа закрывается без сообщения. Так на двух рабочих местах.",
            [text("журнал.txt", "10:02 запуск", "10:03 завершение без ошибки")],
            Priority.HIGH,
            [
                Said("7d 23h", "executor", "start"),
                Said("7d 22h", "executor", "ask", "Лена, какая версия программы указана в меню «О программе»?"),
                Said("7d 21h", "lena", "answer", "Версия 8.3.27, на обоих компьютерах."),
                Said("7d 19h", "executor", "send_solution", "Восстановили индексы справочника, теперь он открывается."),
                Said("7d 18h", "lena", "approve"),
                Said("7d 17h", "lena", "answer_survey", "Быстро и понятно, спасибо!", rating=5),
            ],
        ),
        Conversation(
            "1d 2h", "lena", "Рабочее место", "Ноутбук не видит второй экран",
            "После обновления второй экран остаётся чёрным. Кабель проверила, на другом компьютере он работает.",
            [picture("экран.png", hue=4)],
            then=[
                Said("1d 1h", "executor", "start"),
                Said("22h", "executor", "reply", "Сегодня после обеда подключусь удалённо и обновлю драйвер."),
                Said("2h 30m", "lena", "write", "Я на месте до шести, подключайтесь."),
                Said("1h 10m", "executor", "request_priority",
                     "Завтра у отдела продаж показ для заказчика, без второго экрана он не состоится.",
                     priority=Priority.HIGH),
            ],
        ),
        Conversation(
            "6m", "lena", "Сеть и интернет", "Нет доступа к общей папке продаж",
            "С утра папка пишет «нет прав», вчера ещё работало. У коллег то же самое.",
            priority=Priority.URGENT,
        ),
        Conversation(
            "5d 3h", "lena", "Рабочее место", "Заменить кресло",
            "Кресло скрипит и не поднимается.",
            priority=Priority.LOW,
            then=[
                Said("5d 1h", "executor", "start"),
                Said("5d", "executor", "cancel", "Мебелью занимается хозяйственный отдел, передали им вашу просьбу."),
            ],
        ),
    ]  # fmt: skip


def _in_english() -> list[Conversation]:
    return [
        Conversation(
            "4h", "noah", "Accounts and access", "Cannot open the quarterly report",
            "It says that my account has no permission for the folder, since the finance team was renamed.",
            [picture("no-permission.png", hue=1)],
            then=[
                Said("3h 50m", "ada", "assume"),
                Said("2h 40m", "ada", "request_priority",
                     "The auditors are in the house until tonight and wait for this report.", priority=Priority.URGENT),
            ],
        ),
        Conversation(
            "7m", "noah", "Workplace", "Meeting room screen shows no signal",
            "Room Lisbon, both cables tried. We have visitors at noon.",
            [picture("no-signal.png", hue=0)],
            Priority.HIGH,
        ),
        Conversation(
            "3d 5h", "noah", "Workplace", "Test, please ignore",
            "I only wanted to see whether the form works. Sorry!",
            [text("test.txt", "one two three")],
            Priority.LOW,
            [Said("3d 4h 55m", "hugo", "put_in_trash")],
        ),
        Conversation(
            "2d 3h", "noah", "Software", "Invoices are printed without the logo",
            "All invoices since Monday come out without our logo, customers have noticed.",
            [document("invoice-1207.pdf", "Invoice 1207", "Brightwater", "Total 1,240.00")],
            then=[
                Said("2d 2h 51m", "otto", "assume"),
                Said("2d 1h", "otto", "start"),
                Said("1d 23h 20m", "otto", "send_solution",
                     "The template pointed to a picture that was moved. It is repaired; please print one again."),
            ],
        ),
        Conversation(
            "1d 5h", "eve", "Network", "Our office cannot reach the order portal",
            "From our network the order portal does not answer; from a telephone it works.",
            [text("trace.txt", "1  gateway 1 ms", "2  provider 9 ms", "3  * * *")],
            Priority.HIGH,
            [
                Said("1d 4h 53m", "otto", "assume"),
                Said("1d 3h 30m", "otto", "start"),
                Said("1d 3h", "otto", "ask", "Which public address does your office have at the moment?"),
                Said("1d 1h", "eve", "answer", "203.0.113.27, it was changed by our provider last week."),
            ],
        ),
        Conversation(
            "10d 6h", "eve", "Accounts and access", "Change the name on our account",
            "We are now called Rival & Sons; please change it on the invoices as well.",
            [document("register.pdf", "Extract of the register", "Rival & Sons")],
            Priority.LOW,
            [
                Said("10d 5h 48m", "otto", "assume"),
                Said("10d 4h", "otto", "start"),
                Said("10d 3h", "otto", "send_solution", "The name is changed everywhere from the next invoice on."),
            ],
        ),
    ]  # fmt: skip
