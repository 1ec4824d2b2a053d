"""A download that ends in the right file or in a clear error, and never in half a file.

The bytes go to ``<path>.part``. Only when they are complete and their SHA-256 is the expected one
is that file renamed to ``<path>``, which on one file system happens at once or not at all. A
process that is killed half way leaves the ``.part`` behind, and the next call asks the server for
the rest (RFC 9110, section 14: range requests).
"""

import hashlib
import http.client
import os
import re
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import platformdirs

from wode.files.atomic import PathLike, put_in_place

CHUNK = 1 << 18  # bytes a read


def data_root() -> Path:
    """The folder of the data sets: ``$WODE_DATA``, or else the user's cache. Not created here."""
    if configured := os.environ.get("WODE_DATA"):
        return Path(configured).expanduser()
    return cache_root()


def cache_root() -> Path:
    """The folder for what can be made or fetched again, where the system keeps such things."""
    return platformdirs.user_cache_path("wode", appauthor=False, opinion=False)


def sha256_of(path: PathLike) -> str:
    """SHA-256 of a file, as 64 hexadecimal digits, read in pieces."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def download(url: str, path: PathLike, sha256: str, *, timeout: float = 30.0) -> Path:
    """Fetch ``url`` to ``path`` unless the right file is there already; return ``path``.

    Args:
        url: an http or https address.
        path: the file to write; its folders are made.
        sha256: the expected digest, 64 hexadecimal digits.
        timeout: seconds to wait for the server to connect or to send the next bytes.

    Raises:
        ValueError: the digest is not the expected one. A wrong download is removed; a wrong file
            that was at ``path`` before the call is left alone.
        OSError: the server cannot be reached, answers with an error, or stops half way. What has
            arrived stays in ``<path>.part``, and the next call goes on from there.
    """
    path, sha256 = Path(path), sha256.lower()
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise ValueError(f"sha256 must be 64 hexadecimal digits, got {sha256!r}")
    if urlsplit(url).scheme not in ("http", "https"):
        raise ValueError(f"expected an http or https address, got {url!r}")
    if path.exists():
        if (actual := sha256_of(path)) != sha256:
            raise ValueError(
                f"{path} exists, but is not the expected file: sha256 {actual}, expected {sha256}; "
                "remove it to download it again"
            )
        return path

    part = path.with_name(path.name + ".part")
    part.parent.mkdir(parents=True, exist_ok=True)
    _fetch_rest(url, part, timeout)
    if (actual := sha256_of(part)) != sha256:
        part.unlink()
        raise ValueError(
            f"{url}: the download has sha256 {actual}, expected {sha256}; it was removed"
        )
    put_in_place(part, path)
    return path


def _fetch_rest(url: str, part: Path, timeout: float) -> None:
    """Append to ``part`` what it lacks; start it again where the server knows no ranges."""
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"User-Agent": "wode"})
    if have:
        request.add_header("Range", f"bytes={have}-")
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            if response.status == 200:  # the whole file, whether or not a part was asked for
                have = 0
            elif not (response.headers["Content-Range"] or "").startswith(f"bytes {have}-"):
                raise OSError(f"{url}: asked for bytes {have}-, the server sent other ones")
            length = response.headers["Content-Length"] or ""
            expected = have + int(length) if length.isdecimal() else None
            with part.open("ab" if have else "wb") as file:
                while piece := response.read(CHUNK):
                    file.write(piece)
                    have += len(piece)
    except urllib.error.HTTPError as error:
        if error.code == 416 and have:  # nothing after `have`: the digest will tell
            return
        raise OSError(f"{url}: the server answered {error.code} {error.reason}") from error
    except urllib.error.URLError as error:
        raise OSError(f"{url}: cannot reach the server: {error.reason}") from error
    except (http.client.HTTPException, TimeoutError, ConnectionError) as error:
        raise OSError(_stopped(url, have, error)) from error
    if expected is not None and have != expected:
        raise OSError(_stopped(url, have, f"{expected} bytes were announced"))


def _stopped(url: str, have: int, why: object) -> str:
    return f"{url}: the server stopped after {have} bytes ({why}); call again to go on from there"
