from datetime import UTC, datetime

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("statuspage", "0018_claimed_incident")]

    operations = [
        migrations.AddField(
            model_name="statementsweep",
            name="taken_at",
            # Of a site that has a row already: the next sweep takes its turn.
            field=models.DateTimeField(default=datetime(2026, 1, 1, tzinfo=UTC)),
            preserve_default=False,
        ),
    ]
