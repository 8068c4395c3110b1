"""The words beside every setting of the company and of departments (section 7)."""

import datetime

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0012_an_import_of_people"),
    ]

    operations = [
        migrations.AlterField(
            model_name="account",
            name="mail_p1",
            field=models.BooleanField(
                default=True,
                help_text="Every member of the department's group, for each ticket that comes into the department; members can do without in their profile.",
                verbose_name="P1: a ticket was opened, to the group",
            ),
        ),
        migrations.AlterField(
            model_name="account",
            name="mail_p2",
            field=models.BooleanField(
                default=True,
                help_text="Tells who takes care of the ticket.",
                verbose_name="P2: an agent took the ticket, to the requester",
            ),
        ),
        migrations.AlterField(
            model_name="account",
            name="mail_p3",
            field=models.BooleanField(
                default=True,
                help_text="Tells that the work has begun.",
                verbose_name="P3: an agent started, to the requester",
            ),
        ),
        migrations.AlterField(
            model_name="account",
            name="mail_p4",
            field=models.BooleanField(
                default=True,
                help_text="For messages and files; before somebody has taken the ticket, the group of the department gets the letter.",
                verbose_name="P4: the requester wrote, to the executor",
            ),
        ),
        migrations.AlterField(
            model_name="account",
            name="mail_p5",
            field=models.BooleanField(
                default=True,
                help_text="For messages and files, and for questions that the requester has to answer.",
                verbose_name="P5: the agent wrote, to the requester",
            ),
        ),
        migrations.AlterField(
            model_name="account",
            name="mail_p6",
            field=models.BooleanField(
                default=True,
                help_text="With links to approve and to return the solution, and with the end of the approval period. Reminders are always sent.",
                verbose_name="P6: a solution was sent, to the requester",
            ),
        ),
        migrations.AlterField(
            model_name="account",
            name="mail_p7",
            field=models.BooleanField(
                default=True,
                help_text="Also where the solution counts as approved because nobody answered in time.",
                verbose_name="P7: the solution was approved or returned, to the executor",
            ),
        ),
        migrations.AlterField(
            model_name="account",
            name="mail_p8",
            field=models.BooleanField(
                default=True,
                help_text="With the rating and whether the problem is solved.",
                verbose_name="P8: the survey was answered, to the executor and heads",
            ),
        ),
        migrations.AlterField(
            model_name="account",
            name="name",
            field=models.CharField(
                help_text="Shown at the top of every page and as the sender of letters.",
                max_length=200,
                verbose_name="company name",
            ),
        ),
        migrations.AlterField(
            model_name="department",
            name="name",
            field=models.CharField(
                help_text="Requesters choose by it; a word that customers use is best.",
                max_length=120,
                verbose_name="name",
            ),
        ),
        migrations.AlterField(
            model_name="department",
            name="survey_period",
            field=models.DurationField(
                default=datetime.timedelta(0),
                help_text="Where the survey comes after the closing: after this time it can no longer be answered, and the service engagement is finalized. 0: without end; then it is finalized with the answer, or by its agent.",
                verbose_name="survey period",
            ),
        ),
    ]
