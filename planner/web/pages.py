"""All page groups."""

from __future__ import annotations

from flask import Flask

from planner.web import (
    adjustments,
    assessment_papers,
    assessments,
    assignments,
    auth,
    calendar,
    consumption,
    documents,
    evidence,
    extending,
    feeds,
    health,
    inbox,
    indicators,
    journal,
    messages,
    mywork,
    plan,
    reports,
    review,
    robots,
    scorecard,
    slips,
    tasks,
    undelivered,
    units,
    urging,
    users,
)

GROUPS = (
    auth,
    mywork,
    plan,
    tasks,
    urging,
    extending,
    slips,
    assignments,
    evidence,
    reports,
    adjustments,
    review,
    inbox,
    messages,
    scorecard,
    assessments,
    assessment_papers,
    documents,
    indicators,
    consumption,
    units,
    robots,
    users,
    feeds,
    undelivered,
    calendar,
    journal,
    health,
)


def register(app: Flask) -> None:
    """Hang every group's routes into the application."""
    for group in GROUPS:
        app.register_blueprint(group.bp)
    app.register_blueprint(evidence.staged_bp)
    app.register_blueprint(evidence.readings_bp)
