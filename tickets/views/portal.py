from django.http import HttpResponse


def home(request):
    return HttpResponse("home")


tickets = new = home


def ticket(request, number):
    return HttpResponse("ticket")


def move(request, number, verb):
    return HttpResponse("move")
