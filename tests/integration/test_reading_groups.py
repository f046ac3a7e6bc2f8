"""Reading groups over the web: making, joining, sharing, leaving; and what never leaks."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from integration.annotation_fixtures import BASE, Reader, Room, note, path_of, place, room, said
from werkzeug.test import TestResponse

from wenyuan.repo import annotating, holdings
from wenyuan.repo.catalogue import annotations as notes
from wenyuan.repo.catalogue import reading_groups, users
from wenyuan.repo.catalogue.annotations import Chosen
from wenyuan.repo.description import Access
from wenyuan.repo.errors import NoSuchGroup

__all__ = ["room"]


def press(reader: Reader, path: str, **fields: str) -> TestResponse:
    """A button of a form."""
    return reader.client.post(path, data={**fields, "form_token": reader.token})


def found(reader: Reader, name: str = "三年二班") -> str:
    """The path of a new group."""
    answer = press(reader, "/groups", name=name)
    assert answer.status_code == 303
    return answer.headers["Location"]


def link_of(reader: Reader, group: str) -> str:
    """The path of its link to join."""
    told = re.search(rf'value="{BASE}(/groups/join/[\w-]+)"', reader.get(group).text)
    assert told
    return told[1]


def pair(room: Room) -> tuple[Reader, Reader, str]:
    """師 leads a group that 生 is in."""
    leader, member = room.reader("師"), room.reader("生")
    group = found(leader)
    assert press(member, link_of(leader, group)).status_code == 303
    return leader, member, group


def audience(group: str) -> dict[str, str]:
    return {"id": f"{BASE}{group}", "type": "Audience"}


def share(reader: Reader, room: Room, group: str, words: str = "分享的", **changes: Any) -> dict[str, Any]:
    return reader.keep(note(room.book, body=said(words), audience=audience(group), **changes))


class TestJoining:
    def test_a_link_shows_the_group_and_a_button_joins(self, room: Room) -> None:
        leader, member = room.reader("師"), room.reader("生")
        group = found(leader)
        link = link_of(leader, group)
        page = member.get(link)
        assert "三年二班" in page.text
        assert "師" in page.text
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store"
        assert member.get(group).status_code == 404, "looking is not joining"
        assert press(member, link).headers["Location"] == group
        assert member.get(group).status_code == 200
        assert press(member, link).status_code == 303, "twice is harmless"
        assert member.get(link).headers["Location"] == group

    def test_nobody_is_led_to_sign_in_and_back(self, room: Room) -> None:
        link = link_of(room.reader("師"), found(room.reader("師")))
        assert room.nobody.get(link).headers["Location"] == f"/sign-in?next={link}"
        assert press(room.nobody, link).status_code == 401

    def test_a_renewed_link_ends_the_one_before(self, room: Room) -> None:
        leader = room.reader("師")
        group = found(leader)
        before = link_of(leader, group)
        press(leader, f"{group}/link")
        assert room.reader("生").get(before).status_code == 404
        assert press(room.reader("生"), before).status_code == 404
        assert press(room.reader("生"), link_of(leader, group)).status_code == 303
        press(leader, f"{group}/end-link")
        assert "/groups/join/" not in leader.get(group).text

    def test_a_guessed_link_is_none(self, room: Room) -> None:
        assert room.reader().get("/groups/join/x").status_code == 404

    def test_another_site_cannot_make_one_join(self, room: Room) -> None:
        link = link_of(room.reader("師"), found(room.reader("師")))
        assert room.reader("生").client.post(link).status_code == 400

    @pytest.mark.parametrize("name", ["", "  \n ", "長" * 61])
    def test_a_group_has_a_name(self, room: Room, name: str) -> None:
        answer = press(room.reader(), "/groups", name=name)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text

    def test_only_so_many(self, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reading_groups, "MOST_LED", 1)
        monkeypatch.setattr(reading_groups, "MOST_MEMBERS", 2)
        leader, _member, group = pair(room)
        assert press(leader, "/groups", name="又一組").status_code == 429
        assert press(room.reader("客"), link_of(leader, group)).status_code == 409


class TestNobody:
    def test_who_has_not_signed_in_is_led_there_and_back(self, room: Room) -> None:
        answer = room.nobody.get("/groups")
        assert answer.status_code == 303
        assert answer.location == "/sign-in?next=/groups"
        assert room.nobody.get("/api/groups").status_code == 401


class TestLeading:
    def test_only_who_leads_it_changes_it(self, room: Room) -> None:
        leader, member, group = pair(room)
        for what in ("link", "end-link", "name", "member", "close"):
            assert press(member, f"{group}/{what}", name="x", member="師").status_code == 403
            assert press(room.reader("客"), f"{group}/{what}").status_code == 404
        assert press(leader, f"{group}/nonsense").status_code == 400
        assert "/groups/join/" not in member.get(group).text, "the link is the leader's to give"

    def test_a_name_is_changed(self, room: Room) -> None:
        leader = room.reader("師")
        group = found(leader)
        press(leader, f"{group}/name", name=" 三年  三班 ")
        assert "三年 三班" in leader.get("/groups").text

    def test_a_member_goes_and_takes_their_notes(self, room: Room) -> None:
        leader, member, group = pair(room)
        kept = share(member, room, group)
        link = link_of(leader, group)
        press(leader, f"{group}/member", member="生")
        assert member.get(group).status_code == 404
        assert press(member, link).status_code == 404, "nor do they come back by the link they had"
        assert leader.get(path_of(kept)).status_code == 404
        assert "audience" not in member.get(path_of(kept)).json
        press(leader, f"{group}/member", member="師")
        assert leader.get(group).status_code == 200, "not who leads it"

    def test_one_leaves(self, room: Room) -> None:
        leader, member, group = pair(room)
        kept = share(member, room, group)
        assert press(leader, f"{group}/leave").status_code == 403
        assert press(member, f"{group}/leave").status_code == 303
        assert member.get("/groups").text.count(group) == 0
        assert leader.get(path_of(kept)).status_code == 404

    def test_a_closed_group_leaves_notes_private(self, room: Room) -> None:
        leader, member, group = pair(room)
        kept = share(member, room, group)
        assert press(leader, f"{group}/close").status_code == 303
        assert "audience" not in member.get(path_of(kept)).json
        assert leader.get(path_of(kept)).status_code == 404

    def test_a_leader_whose_account_goes(self, room: Room) -> None:
        _leader, member, group = pair(room)
        kept = share(member, room, group)
        with room.library.catalogue.writing() as session:
            users.remove(session, "師")
        assert member.get(group).status_code == 404
        assert "audience" not in member.get(path_of(kept)).json
        with room.library.catalogue.reading() as session:
            assert notes.count(session, Chosen()) == 1


class TestSharing:
    def test_members_read_what_is_shared_and_nothing_else(self, room: Room) -> None:
        leader, member, group = pair(room)
        kept = share(member, room, group)
        member.keep(note(room.book, body=said("私下的")))
        number = group.rsplit("/", 1)[1]
        assert [one["id"] for one in leader.items(f"?group={number}")] == [kept["id"]]
        assert [one["id"] for one in leader.items(f"?item={room.book.id}&group=mine")] == [kept["id"]]
        assert leader.container(f"?item={room.ebook.id}&group=mine")["total"] == 0
        assert member.container("?group=mine")["total"] == 0, "one's own are not others'"
        seen = leader.get(path_of(kept))
        assert seen.json["creator"]["name"] == "生"
        assert seen.headers["Allow"] == "GET, HEAD, OPTIONS"
        page = leader.get(group).text
        assert "分享的" in page
        assert f'href="/read/{room.book.id}/place/2#note=' in page
        assert "私下的" not in page

    def test_members_change_nothing_of_it(self, room: Room) -> None:
        leader, member, group = pair(room)
        kept = share(member, room, group)
        assert leader.send("PUT", path_of(kept), kept, If_Match="*").status_code == 405
        assert leader.send("DELETE", path_of(kept), If_Match="*").status_code == 405

    def test_others_do_not_know_of_it(self, room: Room) -> None:
        _leader, member, group = pair(room)
        kept = share(member, room, group)
        outsider = room.reader("客")
        number = group.rsplit("/", 1)[1]
        assert outsider.get(path_of(kept)).status_code == 404
        assert outsider.get(f"/api/annotations/?group={number}").status_code == 404
        assert outsider.get(group).status_code == 404
        assert outsider.container("?group=mine")["total"] == 0
        refused = outsider.post(note(room.book, audience=audience(group)))
        assert (refused.status_code, refused.json["code"]) == (404, "no-such-group")

    def test_a_group_that_goes_while_somebody_shares_takes_nothing_along(self, room: Room) -> None:
        """The view has let it pass; by the time it is written there is no such group, or one has left it."""
        leader, member, group = pair(room)
        kept = member.keep(note(room.book, body=said("私下的")))
        number, now = group.rsplit("/", 1)[1], datetime.now(UTC)
        with room.library.catalogue.reading() as session:
            held = notes.get(session, path_of(kept).rsplit("/", 1)[1])
        shared = replace(held.draft, group=number, canonical=None)
        press(member, f"{group}/leave")
        with pytest.raises(NoSuchGroup):
            annotating.keep(room.library, "生", shared, now, now)
        with pytest.raises(NoSuchGroup):
            annotating.change(room.library, held, shared, now)
        press(leader, f"{group}/close")
        with pytest.raises(NoSuchGroup):
            annotating.keep(room.library, "師", shared, now, now)
        assert member.container()["total"] == 1

    def test_sharing_is_taken_back(self, room: Room) -> None:
        leader, member, group = pair(room)
        kept = share(member, room, group)
        private = {name: value for name, value in kept.items() if name != "audience"}
        assert member.send("PUT", path_of(kept), private, If_Match='"1"').status_code == 200
        assert leader.get(path_of(kept)).status_code == 404

    @pytest.mark.parametrize("closing", ["hidden", "withdrawn"])
    def test_of_what_a_member_may_not_read_nothing_is_told(self, room: Room, closing: str) -> None:
        leader, member, group = pair(room)
        kept = share(member, room, group)
        if closing == "hidden":
            closed = room.book.description.model_copy(update={"access": Access.STAFF})
            holdings.describe(room.library, room.book.id, closed, "館員")
        else:
            holdings.withdraw(room.library, room.book.id, "館員", "權利")
        number = group.rsplit("/", 1)[1]
        assert leader.get(path_of(kept)).status_code == 404
        assert leader.container(f"?group={number}")["total"] == 0
        assert leader.container(f"?item={room.book.id}&group=mine")["total"] == 0
        page = leader.get(group).text
        assert "廣州府" not in page
        assert room.book.description.title not in page
        assert member.get(path_of(kept)).status_code == 200, "one's own stay one's own"
        private = {name: value for name, value in kept.items() if name != "audience"}
        taken_back = member.send("PUT", path_of(kept), private, If_Match='"1"')
        assert taken_back.status_code == 200, "and may be taken back"
        assert "audience" not in taken_back.json
        assert member.send("PUT", path_of(kept), kept, If_Match='"2"').status_code == 404, "not shared anew"

    def test_the_groups_to_choose_from(self, room: Room) -> None:
        leader, member, group = pair(room)
        told = {"id": f"{BASE}{group}", "name": "三年二班", "owner": "師", "members": 2}
        assert leader.get("/api/groups").json == member.get("/api/groups").json == {"groups": [told]}
        assert room.reader("客").get("/api/groups").json == {"groups": []}

    def test_a_bookmark_of_a_page_may_be_shared_too(self, room: Room) -> None:
        leader, member, group = pair(room)
        member.keep({"type": "Annotation", "target": place(room.ebook, 2), "audience": audience(group)})
        assert "樓記" in leader.get(group).text
