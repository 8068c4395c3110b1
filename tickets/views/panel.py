from django.http import HttpResponse


def tasks(request):
    return HttpResponse("home")


queue = closed = search = tasks


def department(request, pk):
    return HttpResponse("department")


def ticket(request, number):
    return HttpResponse("ticket")


def move(request, number, verb):
    return HttpResponse("move")
