"""The demonstration: a desk in use, put into an empty database.

``people`` are who there is, ``conversations`` what they say in their three languages, ``papers`` the files they send,
``sample`` how a real log is played by them, ``seeding`` lets all of it happen in the order of its times.
"""
