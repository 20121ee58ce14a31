"""A plan with as many assignments as wanted, lived through 2023 and 2024, made inside the database.

300 units in three groups, 6 boxes of 10 tasks. Of ten assignments six are done or not, two go by
amount, one by grade, one is rated; one in ten is from the year before. Seven of ten are accepted,
one of these after a return; one in ten reported progress; one in twenty was extended.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, insert, text

from planner.models import Action, Plan, RuleSet, Task, Unit, User
from tests.support.scoring import RULES_DATA

UNITS, BOXES, TASKS = 300, 6, 10
BY = 1_000_000
"""Who did everything; no number that a database gives by itself."""
FIRST, LAST = date(2023, 1, 1), date(2024, 12, 31)
AT = "2024-01-02 00:00:00.000000"
STARTED = datetime(2023, 1, 2, tzinfo=UTC)

ASSIGNMENTS = """
INSERT INTO assignments (id, task_id, unit_id, text, text_inherited, part, method, amount, measure,
    weight, state, version, activity, original_due_on, due_on, issued_on, deemed_signed)
SELECT i, 1 + i % {tasks}, 1 + (i * 7) % {units}, '第' || i || '项工作', {false},
    CASE WHEN i % 9 = 0 THEN 'supporting' ELSE 'responsible' END,
    CASE WHEN i % 10 < 6 THEN 'binary' WHEN i % 10 < 8 THEN 'proportional'
         WHEN i % 10 = 8 THEN 'tiers' ELSE 'rated' END,
    CASE WHEN i % 10 IN (6, 7) THEN (1 + i % 9) * 1000000 END,
    CASE WHEN i % 10 IN (6, 7) THEN '个' END,
    (1 + i % 4) * 500000,
    CASE WHEN i % 10 < 7 THEN 'accepted' ELSE 'in_progress' END, 1, 0,
    due.day, due.day, issued.day, {false}
FROM numbers
JOIN days due ON due.n = CASE WHEN i % 10 = 3 THEN (i * 37) % 365 ELSE 365 + (i * 37) % 366 END
JOIN days issued ON issued.n = 1
"""

DUE_DATES = """
INSERT INTO due_revisions (assignment_id, number, due_on, basis, "on", at)
SELECT a.id, 0, a.original_due_on, 'explicit', a.issued_on, '{at}' FROM assignments a
"""

EXTENSIONS = """
INSERT INTO due_revisions (assignment_id, number, due_on, basis, cause, "on", at)
SELECT a.id, 1, later.day, 'extension', CASE WHEN a.id % 2 = 0 THEN 'own' ELSE 'policy' END,
    a.issued_on, '{at}'
FROM assignments a JOIN days later ON later.n = 500 + a.id % 200 WHERE a.id % 20 = 1
"""

SUBMISSIONS = """
INSERT INTO submissions (id, assignment_id, number, round, kind, text, percent, amount, by_id,
    "on", at)
SELECT i * 2 + r, i, r + 1, CASE WHEN i % 10 = 7 THEN 0 ELSE r + 1 END,
    CASE WHEN i % 10 = 7 THEN 'progress' ELSE 'completion' END, '已办理',
    CASE WHEN i % 10 = 7 THEN 50 END,
    CASE WHEN i % 10 IN (6, 7) THEN (1 + i % 9) * 1000000 END, {by}, handed.day, '{at}'
FROM numbers
JOIN rounds ON r = 0 OR i % 10 = 2
JOIN days handed ON handed.n = 380 + (i * 13) % 300 + r * 20
WHERE i % 10 < 8
"""

REVIEWS = """
INSERT INTO reviews (id, submission_id, decision, kind, rework_on, final, ticks, by_id, "on", at)
SELECT s.id, s.id, CASE WHEN last.id = s.id THEN 'accept' ELSE 'return' END,
    CASE WHEN last.id = s.id THEN NULL ELSE 'amend' END,
    CASE WHEN last.id = s.id THEN NULL ELSE s."on" END, {false}, '[]', {by}, s."on", '{at}'
FROM submissions s
JOIN (SELECT assignment_id, max(id) AS id FROM submissions GROUP BY assignment_id) last
    ON last.assignment_id = s.assignment_id
WHERE s.kind = 'completion'
"""

PORTIONS = """
INSERT INTO portions (assignment_id, submission_id, review_id, amount, handed_in_on, "on", at)
SELECT s.assignment_id, s.id, r.id,
    CASE WHEN a.method = 'proportional' THEN a.amount ELSE 1000000 END, s."on", r."on", '{at}'
FROM submissions s JOIN reviews r ON r.submission_id = s.id AND r.decision = 'accept'
JOIN assignments a ON a.id = s.assignment_id
"""


def fill(connection: Connection, size: int) -> None:
    """Put the plan into an empty database that has all tables."""
    _house(connection)
    sqlite = connection.dialect.name == "sqlite"
    words = {"false": "0" if sqlite else "false", "at": AT, "by": BY}
    words |= {"tasks": BOXES * TASKS, "units": UNITS}
    connection.execute(text("CREATE TEMPORARY TABLE days (n integer PRIMARY KEY, day date)"))
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    connection.execute(
        text("INSERT INTO days VALUES (:n, :day)"),
        [{"n": n, "day": day.isoformat()} for n, day in enumerate(days)],
    )
    connection.execute(text("CREATE TEMPORARY TABLE rounds (r integer)"))
    connection.execute(text("INSERT INTO rounds VALUES (0), (1)"))
    connection.execute(
        text(
            "CREATE TEMPORARY TABLE numbers AS WITH RECURSIVE n(i) AS"
            f" (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {size}) SELECT i FROM n"
        )
    )
    for statement in (ASSIGNMENTS, DUE_DATES, EXTENSIONS, SUBMISSIONS, REVIEWS, PORTIONS):
        connection.execute(text(statement.format(**words)))
    connection.execute(text("ANALYZE"))


def _house(connection: Connection) -> None:
    """Units, the plan, its boxes and tasks, one person, the rules."""
    units = [
        {"id": n, "key": f"unit-{n}", "name": f"第{n}单位", "ranking_group": f"第{n % 3}组"}
        for n in range(1, UNITS + 1)
    ]
    connection.execute(insert(Unit), units)
    person = {
        "id": BY,
        "username": "bench",
        "name": "某人",
        "password_hash": "x",
        "created_on": FIRST,
    }
    connection.execute(insert(User), [{**person, "created_at": STARTED}])
    plan = {
        "id": 1,
        "key": "bench",
        "name": "大规划",
        "document": "府发〔2022〕1号",
        "owner_id": 1,
        "issued_on": date(2022, 4, 1),
        "starts_on": date(2021, 1, 1),
        "ends_on": date(2025, 12, 31),
    }
    connection.execute(insert(Plan), [plan])
    boxes = range(1, BOXES + 1)
    connection.execute(insert(Action), [_box(number) for number in boxes])
    connection.execute(insert(Task), [_task(number) for number in range(1, BOXES * TASKS + 1)])
    rules = {
        "plan_id": 1,
        "kind": "scoring",
        "version": 1,
        "data": RULES_DATA,
        "digest": "x",
        "on": FIRST,
        "at": STARTED,
    }
    connection.execute(insert(RuleSet), [rules])


def _box(number: int) -> dict[str, object]:
    return {
        "id": number,
        "plan_id": 1,
        "key": f"box-{number}",
        "number": f"专栏{number}",
        "title": f"第{number}项行动",
        "section": f"专栏{number}",
        "position": number,
    }


def _task(number: int) -> dict[str, object]:
    return {
        "id": number,
        "action_id": 1 + number % BOXES,
        "key": f"task-{number}",
        "number": str(number),
        "position": number,
        "section": "第二章",
        "sentence": f"第{number}项重点工作",
        "origin": "plan",
        "kind": "once",
        "lead_unit_id": 1,
    }
