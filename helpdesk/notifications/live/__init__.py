"""The live channel: open tabs are told at once that there is something to look at.

What travels is a hint and never content: "look at your bell", "look at this page again". The tab then fetches the page
as anybody would, through the same rights. So nothing can leak through the channel, and a lost hint loses nothing: the
hub is the truth.

``topics`` (what is called out in the transaction of its cause) → PostgreSQL → ``listening`` (one connection a process)
→ ``exchange`` (who of the open tabs cares) → ``door`` (Server-Sent Events at ``/live/``). ``visitors`` asks the
database who somebody is and what he may follow; ``presence`` knows who has the same page open.
"""
