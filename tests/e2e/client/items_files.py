"""Files: uploads, signed URLs, downloads."""

import io

from fechatter_client.api.files import (
    download_file,
    get_file,
    sign_file_urls,
    upload_file,
    upload_files,
)
from fechatter_client.models import ErrorCode, FilesToUpload, FileUrls
from fechatter_client.types import File

TEXT = b"The plan: first this, then that.\n"


def file_of(content, name="plan.txt"):
    return File(payload=io.BytesIO(content), file_name=name, mime_type="text/plain")


def uploads(person, *contents):
    return person.does(upload_files, body=FilesToUpload(file=[file_of(one) for one in contents]))


def parts_of(url):
    """The parts of a path, as the generated function for the download takes them."""
    workspace, aaa, bbb, name = url.removeprefix("/files/").split("/")
    return workspace, aaa, bbb, name


def item_uploaded_files_are_those_of_a_message(workspace):
    alice, bob = workspace.signs_up("alice", "bob")
    chat = alice.makes_chat(bob)
    urls = uploads(alice, TEXT, TEXT * 2)
    assert len(set(urls)) == 2
    with bob.subscribes() as stream:
        message = alice.posts(chat, "the plans", files=urls)
        assert stream.next("NewMessage").files == message.files == urls
    assert [one.size for one in message.attachments] == [len(TEXT), 2 * len(TEXT)]
    for url, content in zip(urls, (TEXT, TEXT * 2), strict=True):
        assert bob.does(download_file, *parts_of(url)).payload.read() == content
    stranger = workspace.signs_up("carol")
    assert stranger.is_refused(download_file, *parts_of(urls[0])) == ErrorCode.FILE_NOT_FOUND


def item_one_file_is_uploaded_with_its_record(workspace):
    alice, bob = workspace.signs_up("alice", "bob")
    uploaded = alice.does(upload_file, body=FilesToUpload(file=[file_of(TEXT)]))
    assert (uploaded.filename, uploaded.size) == ("plan.txt", len(TEXT))
    assert uploaded.success and uploaded.mime_type.startswith("text/plain")
    assert alice.does(get_file, uploaded.id) == uploaded.data
    assert bob.is_refused(get_file, uploaded.id) == ErrorCode.FILE_NOT_FOUND


def item_a_download_has_a_range_and_a_tag(workspace):
    alice = workspace.signs_up("alice")
    (url,) = uploads(alice, TEXT)
    part = alice.asks(download_file, *parts_of(url), range_="bytes=4-7")
    assert part.status_code == 206 and part.parsed.payload.read() == TEXT[4:8]
    tag = part.headers["ETag"]
    known = alice.asks(download_file, *parts_of(url), if_none_match=tag)
    assert known.status_code == 304 and known.content == b""


def item_a_signed_url_opens_a_file_without_a_token(workspace):
    alice, bob = workspace.signs_up("alice", "bob")
    (url,) = uploads(alice, TEXT)
    (signed,) = alice.does(sign_file_urls, body=FileUrls(urls=[url]))
    assert signed.url == url
    stranger = workspace.system.strangers_clients()[0].get_httpx_client()
    assert stranger.get(signed.signed_url).content == TEXT
    assert stranger.get(url).status_code == 401
    assert bob.does(sign_file_urls, body=FileUrls(urls=[url])) == []
