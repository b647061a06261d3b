from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("statuspage", "0007_wall_times")]

    operations = [
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(fields=["-updated_at", "-id"], name="incident_last_word"),
        ),
        migrations.AddIndex(
            model_name="maintenance",
            index=models.Index(fields=["-updated_at", "-id"], name="maintenance_last_word"),
        ),
    ]
