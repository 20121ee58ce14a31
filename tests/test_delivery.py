"""E-mail is delivered at least once, whatever goes wrong; only a lost answer makes a second one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from planner import channels
from planner.channels import Mail, MailChannel, Outbox
from planner.domain.actor import command
from planner.domain.clock import Clock
from planner.domain.text import t
from planner.models import Assignment, Message, User
from planner.services import undelivered
from planner.services.delivery import (
    LEASE,
    MAX_ATTEMPTS,
    STEPS,
    deliver_all,
    deliver_one,
    wait_after,
)
from planner.services.messages import queue
from planner.services.reminders import materialise
from planner.wire import DeliveryFailed, Step, no_step
from tests.support.posting import FRIDAY, SENDER, Post
from tests.support.reminding import at_nine


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    text: str = body.get_content()
    return text


# --- what is delivered -------------------------------------------------------------------------


def test_an_event_arrives_with_its_words_and_address(post: Post) -> None:
    assignment_id = post.county.assign()
    with post.sessions.writing() as db:
        queue(
            db,
            at_nine(FRIDAY),
            db.get_one(User, post.county.people["edu"]),
            key="event:1",
            kind="event",
            subject=t("“%(text)s” was returned", text="节能改造"),
            body=t("The photographs are missing."),
            assignment=db.get_one(Assignment, assignment_id),
        )
        db.commit()
    assert deliver_one(post.courier)
    (mail,) = post.server.taken
    subject = "[2.1 组织各类学校开展节能改造，完成既有建筑节能改造。] “节能改造” was returned"
    assert mail["Subject"] == subject
    assert mail["To"].addresses[0].addr_spec == "edu@example.org"
    assert "The photographs are missing." in text_of(mail)
    assert f"https://p.example.org/assignments/{assignment_id}" in text_of(mail)


def test_a_digest_arrives_in_the_readers_language(post: Post) -> None:
    post.county.assign()
    with post.sessions.writing() as db:
        materialise(db, at_nine(FRIDAY), post.county.due(FRIDAY))
        db.commit()
    assert deliver_all(post.courier) == 2
    assert {mail["To"].addresses[0].addr_spec for mail in post.server.taken} == {
        "edu@example.org",
        "edu-head@example.org",
    }
    assert all("was due on 31 October 2024" in text_of(mail) for mail in post.server.taken)


def test_a_mail_is_sent_once_and_marked(post: Post) -> None:
    mail = post.queue()
    assert deliver_one(post.courier)
    assert not deliver_one(post.courier)
    sent = post.message(mail)
    assert (sent.state, sent.sent_at, sent.claim_token, sent.error) == (
        "sent",
        post.time.now,
        None,
        None,
    )
    assert len(post.server.taken) == 1


def test_the_inbox_is_not_delivered_twice(post: Post) -> None:
    """An inbox message is delivered by being written: no courier touches it."""
    with post.sessions.writing() as db:
        db.get_one(User, post.county.people["edu"]).email = None
        db.commit()
    post.queue()
    assert not deliver_one(post.courier)


def test_files_in_the_outbox_until_there_is_a_server(post: Post, tmp_path: Path) -> None:
    post.queue()
    courier = replace(post.courier, mail=Outbox(tmp_path / "outbox", SENDER))
    assert deliver_all(courier) == 1
    (file,) = (tmp_path / "outbox").iterdir()
    assert file.suffix == ".eml"


# --- claim and lease ---------------------------------------------------------------------------


@dataclass
class Recording:
    """A mail channel around a real one, which does something first: a crash, a rival, a look."""

    inner: MailChannel
    first: Any
    sent: list[Mail] = field(default_factory=list)

    def send(self, mail: Mail, step: Step = no_step) -> None:
        self.first(mail)
        self.inner.send(mail, step)
        self.sent.append(mail)


class PowerCut(BaseException):
    """The process is gone: nothing handles this."""


def cut(_mail: Mail) -> None:
    raise PowerCut


def test_a_crash_between_claim_and_send_loses_nothing(post: Post) -> None:
    mail = post.queue()
    with pytest.raises(PowerCut):
        deliver_one(replace(post.courier, mail=Recording(post.courier.mail, cut)))
    assert not deliver_one(post.courier), "the lease still holds"
    post.time.pass_by(LEASE)
    assert deliver_one(post.courier)
    assert post.message(mail).state == "sent"
    assert len(post.server.taken) == 1


def test_a_crash_after_the_server_took_it_sends_it_again_under_the_same_id(post: Post) -> None:
    post.queue()

    def send_and_cut(mail: Mail) -> None:
        post.courier.mail.send(mail)
        raise PowerCut

    with pytest.raises(PowerCut):
        deliver_one(replace(post.courier, mail=Recording(post.courier.mail, send_and_cut)))
    post.time.pass_by(LEASE)
    assert deliver_one(post.courier)
    assert len(post.server.ids) == 2
    assert len(set(post.server.ids)) == 1


def test_message_ids_differ_between_messages(post: Post) -> None:
    post.queue("event:1")
    post.queue("event:2")
    deliver_all(post.courier)
    assert len(set(post.server.ids)) == 2
    assert all(each.endswith("@p.example.org>") for each in post.server.ids)


def test_no_transaction_is_open_while_it_is_sent(post: Post) -> None:
    """Another writer must be able to work meanwhile; on SQLite there is one writer at a time."""
    mail = post.queue()

    def write(_mail: Mail) -> None:
        post.change(mail, read_at=post.time.now)
        assert post.sessions.engine.pool.checkedout() == 0

    assert deliver_one(replace(post.courier, mail=Recording(post.courier.mail, write)))
    assert post.message(mail).state == "sent"


def test_who_lost_the_lease_does_not_mark(post: Post) -> None:
    """The one that took over decides what became of it."""
    mail = post.queue()

    def taken_over(_mail: Mail) -> None:
        post.time.pass_by(LEASE)
        post.change(mail, claim_token="another", lease_until=post.time.now + LEASE)

    assert deliver_one(replace(post.courier, mail=Recording(post.courier.mail, taken_over)))
    assert (post.message(mail).state, post.message(mail).claim_token) == ("pending", "another")


def test_several_workers_send_each_mail_once(post: Post) -> None:
    for number in range(12):
        post.queue(f"event:{number}")
    with ThreadPoolExecutor(3) as pool:
        done = [pool.submit(deliver_all, post.courier) for _ in range(3)]
        assert sum(each.result() for each in done) == 12
    assert len(set(post.server.ids)) == len(post.server.ids) == 12


def test_the_timeout_of_a_mail_is_under_half_the_lease() -> None:
    """Connecting may take one timeout, for a second address another, the conversation a third."""
    assert 3 * timedelta(seconds=channels.TIMEOUT) < LEASE / 2


# --- failures ----------------------------------------------------------------------------------


def test_a_passing_failure_is_tried_again_later(post: Post) -> None:
    mail = post.queue()
    post.server.answer = "451 try later"
    assert deliver_one(post.courier)
    failed = post.message(mail)
    assert (failed.state, failed.attempts, failed.claim_token) == ("pending", 1, None)
    assert "try later" in (failed.error or "")
    assert not deliver_one(post.courier), "it waits"
    post.server.answer = "250 OK"
    post.time.pass_by(wait_after(1))
    assert deliver_one(post.courier)
    assert (post.message(mail).state, post.message(mail).error) == ("sent", None)


def test_waits_double_up_to_six_hours() -> None:
    minutes = [wait_after(n) // timedelta(minutes=1) for n in (1, 2, 3, 9, 10, 11, 1000)]
    assert minutes == [1, 2, 4, 256, 360, 360, 360]


def test_patience_lasts_over_a_weekend() -> None:
    waits = (wait_after(n) for n in range(1, MAX_ATTEMPTS))
    assert sum(waits, timedelta()) > timedelta(hours=64)


def test_what_is_refused_for_good_is_given_up_and_shown(post: Post) -> None:
    mail = post.queue()
    post.server.answer = "554 no such person"
    assert deliver_one(post.courier)
    with post.sessions.reading() as db:
        (shown,) = db.scalars(undelivered.undelivered())
        assert (shown.id, shown.recipient.username) == (mail, "edu")
        assert "no such person" in (shown.error or "")


def test_too_many_failures_are_given_up(post: Post) -> None:
    mail = post.queue()
    post.server.answer = "451 try later"
    for n in range(1, MAX_ATTEMPTS + 1):
        assert deliver_one(post.courier), n
        post.time.pass_by(wait_after(n))
    assert post.message(mail).state == "given_up"
    assert not deliver_one(post.courier)


def test_a_mail_that_kills_the_worker_each_time_is_given_up(post: Post) -> None:
    mail = post.queue()
    crashing = replace(post.courier, mail=Recording(post.courier.mail, cut))
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(PowerCut):
            deliver_one(crashing)
        post.time.pass_by(LEASE)
    assert deliver_one(crashing)
    assert post.message(mail).state == "given_up"


def test_a_poisoned_message_does_not_block_the_rest(post: Post) -> None:
    poisoned = post.queue("event:1")
    post.change(poisoned, subject={"nonsense": 1})
    healthy = post.queue("event:2")
    assert deliver_all(post.courier) == 2
    assert post.message(healthy).state == "sent"
    assert (post.message(poisoned).state, post.message(poisoned).attempts) == ("pending", 1)
    assert "ValueError" in (post.message(poisoned).error or "")


def test_who_has_no_address_any_more_gets_no_mail(post: Post) -> None:
    mail = post.queue()
    with post.sessions.writing() as db:
        db.get_one(User, post.county.people["edu"]).active = False
        db.commit()
    assert deliver_one(post.courier)
    assert post.message(mail).state == "given_up"
    assert post.server.taken == []


def test_what_was_given_up_can_be_tried_again(post: Post) -> None:
    mail = post.queue()
    post.server.answer = "554 not now"
    deliver_one(post.courier)
    post.server.answer = "250 OK"
    with post.sessions.writing() as db:
        clock = Clock(FRIDAY, post.time.now)
        assert undelivered.send_all_again(db, command("test"), clock) == 1
        assert undelivered.send_all_again(db, command("test"), clock) == 0
        db.commit()
    assert deliver_one(post.courier)
    assert post.message(mail).state == "sent"


def test_a_server_that_is_away_is_a_passing_failure(post: Post) -> None:
    mail = post.queue()

    def away(_mail: Mail) -> None:
        raise DeliveryFailed(False, t("no connection"))

    assert deliver_one(replace(post.courier, mail=Recording(post.courier.mail, away)))
    assert post.message(mail).state == "pending"


def test_stopping_ends_between_two_mails(post: Post) -> None:
    post.queue("event:1")
    post.queue("event:2")
    answers = iter([True, False])
    assert deliver_all(post.courier, lambda: next(answers)) == 1
    with post.sessions.reading() as db:
        states = db.scalars(select(Message.state).where(Message.channel == "email")).all()
    assert sorted(states) == ["pending", "sent"]


# --- named steps --------------------------------------------------------------------------------


def test_each_step_is_named_in_order(post: Post) -> None:
    """The tests that kill a worker count on these names."""
    post.queue()
    seen: list[str] = []
    assert deliver_one(replace(post.courier, step=seen.append))
    assert tuple(seen) == STEPS


@pytest.mark.parametrize("at", STEPS)
def test_a_power_cut_at_any_step_loses_nothing(post: Post, at: str) -> None:
    """A second copy only where the server may have the first, and under the same Message-ID."""
    mail = post.queue()

    def cut_there(step: str) -> None:
        if step == at:
            raise PowerCut

    with pytest.raises(PowerCut):
        deliver_one(replace(post.courier, step=cut_there))
    post.time.pass_by(LEASE)
    deliver_all(post.courier)
    assert post.message(mail).state == "sent"
    assert len(set(post.server.ids)) == 1
    twice = at in STEPS[STEPS.index("accepted") : STEPS.index("marked")]
    assert len(post.server.ids) == (2 if twice else 1)
