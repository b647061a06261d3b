from django.db import migrations, models

STEPS = {"maintenance_started": "began_by_itself", "maintenance_completed": "ended_by_itself"}


def from_the_audit_log(apps, schema_editor):
    """Who took the steps of the windows that there are, the audit log says."""
    maintenances = apps.get_model("statuspage", "Maintenance").objects
    entries = apps.get_model("statuspage", "AuditEntry").objects.filter(object_kind="maintenance", source="system")
    for action, column in STEPS.items():
        taken = entries.filter(action=action).values("object_id")
        maintenances.filter(pk__in=taken).update(**{column: True})


class Migration(migrations.Migration):
    dependencies = [("statuspage", "0019_statement_turn")]

    operations = [
        migrations.AddField(
            model_name="maintenance",
            name="began_by_itself",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddField(
            model_name="maintenance",
            name="ended_by_itself",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.RunPython(from_the_audit_log, migrations.RunPython.noop, elidable=True),
    ]
