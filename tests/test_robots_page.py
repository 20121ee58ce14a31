"""The administrator keeps the robots of a unit's groups, and never sees their secrets again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from planner.models import JournalEntry, Robot
from planner.robots import Webhooks
from tests.support.cast import EDU, Cast
from tests.support.pages import Client, LogIn, text_of
from tests.support.vendors import Vendors, listening

WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=73febdcb-1b38-4d1b"
DINGTALK = "https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef"
FEISHU = "https://open.feishu.cn/open-apis/bot/v2/hook/f19aaaaa-bbbb-cccc"


@pytest.fixture
def admin(client_of: LogIn) -> Client:
    return client_of("admin")


@pytest.fixture
def page(cast: Cast) -> str:
    return f"/units/{cast.units[EDU]}/robots"


@pytest.fixture
def vendors(cast: Cast) -> Iterator[Vendors]:
    with listening() as serving:
        vars(cast.runtime)["robots"] = Webhooks(serving.bases, 5)
        yield serving


def robots(cast: Cast) -> list[Robot]:
    with cast.reading() as db:
        return list(db.scalars(select(Robot).order_by(Robot.id)))


def add(admin: Client, page: str, **typed: str) -> int:
    fields = {"channel": "wecom", "name": "教委工作群", "token": WECOM, "secret": "", **typed}
    return admin.send(page, action="/robots", **fields).status_code


@pytest.mark.parametrize(
    ("channel", "address", "token"),
    [
        ("wecom", WECOM, "73febdcb-1b38-4d1b"),
        ("dingtalk", DINGTALK, "0123456789abcdef"),
        ("feishu", FEISHU, "f19aaaaa-bbbb-cccc"),
        ("feishu", "f19aaaaa-bbbb-cccc", "f19aaaaa-bbbb-cccc"),
    ],
)
def test_the_address_is_pasted_as_the_vendor_shows_it(
    cast: Cast, admin: Client, page: str, channel: str, address: str, token: str
) -> None:
    assert add(admin, page, channel=channel, token=f" {address} ") == 303
    assert [(each.channel, each.token) for each in robots(cast)] == [(channel, token)]


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        ("wecom", DINGTALK),
        ("dingtalk", FEISHU),
        ("feishu", WECOM),
        ("wecom", "short"),
        ("wecom", "https://qyapi.weixin.qq.com/"),
    ],
)
def test_another_vendors_address_is_refused(
    cast: Cast, admin: Client, page: str, channel: str, address: str
) -> None:
    assert add(admin, page, channel=channel, token=address) == 422
    assert robots(cast) == []


def test_a_robot_is_added_once(cast: Cast, admin: Client, page: str) -> None:
    assert [add(admin, page), add(admin, page)] == [303, 422]
    assert len(robots(cast)) == 1


def test_wecom_has_no_secret(admin: Client, page: str) -> None:
    assert add(admin, page, secret="SEC123") == 422


def test_nothing_secret_is_shown_again(cast: Cast, admin: Client, page: str) -> None:
    add(admin, page, channel="dingtalk", token=DINGTALK, secret="SECsecretsecret")
    shown = admin.get(page)
    assert "0123456789abcdef" not in shown.text
    assert "SECsecret" not in shown.text
    assert "…cdef" in text_of(shown)
    with cast.reading() as db:
        kept = db.scalars(select(JournalEntry).where(JournalEntry.verb == "robot_add")).one()
        assert "0123456789abcdef" not in str(kept.data)


def test_a_trial_is_posted(cast: Cast, admin: Client, page: str, vendors: Vendors) -> None:
    add(admin, page)
    answer = admin.send(page, action="/test")
    assert answer.status_code == 303
    assert "The vendor took it" in admin.get(page).text
    (post,) = vendors.posts
    assert "A trial of planner" in post.content["text"]["content"]


def test_a_trial_that_fails_says_why(admin: Client, page: str, vendors: Vendors) -> None:
    vendors.answer(200, {"errcode": 93000, "errmsg": "invalid webhook url"})
    add(admin, page)
    admin.send(page, action="/test")
    assert "WeCom refused it: 93000 invalid webhook url" in admin.get(page).text


def test_a_robot_is_disabled_and_enabled(cast: Cast, admin: Client, page: str) -> None:
    add(admin, page)
    assert admin.send(page, action="/disable").status_code == 303
    assert [each.active for each in robots(cast)] == [False]
    assert admin.send(page, action="/enable").status_code == 303
    assert [each.active for each in robots(cast)] == [True]
    with cast.reading() as db:
        verbs = db.scalars(select(JournalEntry.verb).order_by(JournalEntry.id)).all()
    assert verbs[-3:] == ["robot_add", "robot_disable", "robot_enable"]
