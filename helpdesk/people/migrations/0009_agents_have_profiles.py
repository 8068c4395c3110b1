"""What ordinary agents see and may do is a choice for each kind of agent (R2.46, R3.25)."""

from typing import Any

import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models


def add_the_default(apps: Any, schema_editor: Any) -> None:
    """The default profile: the rules that held for every agent before there were profiles."""
    apps.get_model("people", "Profile").objects.create(
        name="Agent", description="Every agent who has no other profile.", sees="linked", is_default=True
    )


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0008_what_an_organization_may"),
    ]

    operations = [
        migrations.CreateModel(
            name="Profile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "description",
                    models.CharField(
                        blank=True,
                        help_text="For whom it is, in a sentence.",
                        max_length=300,
                        verbose_name="description",
                    ),
                ),
                (
                    "sees",
                    models.CharField(
                        choices=[
                            ("all", "all departments"),
                            ("linked", "linked departments"),
                            ("own_and_any", "own, and unassigned of any department"),
                            ("own_and_linked", "own, and unassigned of linked departments"),
                            ("own", "own only"),
                        ],
                        default="linked",
                        max_length=16,
                        verbose_name="sees tickets",
                    ),
                ),
                (
                    "sees_customers",
                    models.BooleanField(
                        default=True,
                        help_text="Finds people by name, and opens the pages of customers and organizations.",
                        verbose_name="sees customers and organizations",
                    ),
                ),
                (
                    "edits_customers",
                    models.BooleanField(
                        default=True,
                        help_text="Adds, invites, changes and deactivates customers and organizations. Who manages an organization is an administrator's to say, and people of the own company are never touched.",
                        verbose_name="edits customers and organizations",
                    ),
                ),
                (
                    "is_default",
                    models.BooleanField(
                        default=False,
                        editable=False,
                        help_text="Its rules hold for every agent who has no profile of his own.",
                        verbose_name="default",
                    ),
                ),
            ],
            options={
                "verbose_name": "profile",
                "verbose_name_plural": "profiles",
                "ordering": ("-is_default", "name", "pk"),
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("name"),
                        name="people_profile_name_unique",
                        violation_error_message="There is a profile with this name already.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("is_default",),
                        name="people_profile_one_default",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sees__in", ["all", "linked", "own_and_any", "own_and_linked", "own"])),
                        name="people_profile_sees_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("edits_customers", False), ("sees_customers", True), _connector="OR"),
                        name="people_profile_edits_what_it_sees",
                        violation_error_message="Whoever edits customers has to see them.",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="user",
            name="profile",
            field=models.ForeignKey(
                blank=True,
                help_text="What an agent sees and may do. Empty: as the default profile says. Without meaning for administrators, and for people who serve in no department.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="people",
                to="people.profile",
                verbose_name="profile",
            ),
        ),
        migrations.RunPython(add_the_default, migrations.RunPython.noop),
    ]
