"""How quick the product is with many tickets: ``make bench`` (ARGS="--help" for what can be chosen).

``loading`` fills a database of its own, ``serving`` runs the real server, ``client`` speaks to it as a browser would,
``pages`` says what is measured, ``sweeping`` lets real workers act on due tickets, ``report`` prints the table. Every
page is measured in turns with ``bare``, a Django view without anything around it, so that the ratio of both says
more about the product than about the machine.
"""
