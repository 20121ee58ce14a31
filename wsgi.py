"""For any WSGI server: `gunicorn wsgi:app`."""

from planner.app import create_app

app = create_app()
