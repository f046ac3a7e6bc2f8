"""Every setting, typed, in one place.

Values come from the environment (`WENYUAN_…`), else from `wenyuan.toml` in the data
folder, else from the defaults here. `wenyuan config` prints all of them with these very texts.
"""

from __future__ import annotations

import os
import re
import secrets
import tempfile
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from wenyuan.repo.errors import InvalidSetting

PREFIX = "WENYUAN_"
FILE_NAME = "wenyuan.toml"
SECRETS_NAME = "secrets.toml"


def half_the_processors() -> int:
    """Half this machine's processors."""
    return max(1, (os.cpu_count() or 1) // 2)


class Settings(BaseSettings):
    """The whole configuration; frozen. Only `wiring` and `create_app` receive it, others get the values they need."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", validate_default=True)

    home: Path = Field(Path("wenyuan-data"), description="Data folder: database, local store, index, work files.")
    site_name: str = Field("文淵", description="Name of the library, shown on every page.", min_length=1, max_length=60)
    language: Literal["zh-Hans", "zh-Hant", "en"] = Field(
        "zh-Hans", description="Language of commands, and of pages where a reader has chosen none."
    )

    public_url: str = Field(
        "",
        pattern=r"^(https?://[^/\s]+/?)?$",
        description="Address by which readers reach us, e.g. https://wenyuan.example.org; default: as they asked.",
    )
    host: str = Field("127.0.0.1", description="Address the web server listens on.")
    port: int = Field(8000, description="Port the web server listens on.", ge=1, le=65535)
    web_workers: int = Field(1, description="Web server processes.", ge=1, le=64)
    web_threads: int = Field(8, description="Threads of each web server process.", ge=1, le=256)
    secure_cookies: bool = Field(
        False, description="Send cookies over HTTPS only; set it where a TLS proxy stands before us."
    )

    store: str = Field("local", description="Object store: local (a folder) or minio (any S3-compatible server).")
    store_root: Path | None = Field(None, description="Folder of the local store; default: store/ in the data folder.")
    store_reserve_mb: int = Field(256, description="Megabytes to keep free: nothing is stored below that.", ge=0)
    s3_endpoint: str = Field("", description="S3 server, e.g. http://127.0.0.1:8333.")
    s3_public_endpoint: str = Field("", description="The same server as readers reach it; default: s3_endpoint.")
    s3_bucket: str = Field("wenyuan", description="Bucket; made at the first start where the key may.", min_length=3)
    s3_region: str = Field("us-east-1", description="Region; always sent, so that the server need not be asked for it.")
    s3_access_key: str = Field("", description="Access key of the S3 server.")
    s3_secret_key: SecretStr = Field(SecretStr(""), description="Secret key of the S3 server.")

    database: str = Field(
        "",
        description="SQLAlchemy URL: sqlite:///… or postgresql+psycopg://…; default: catalogue.sqlite in home.",
    )
    index: str = Field("whoosh", description="Search engine of a new index: whoosh or tantivy.")
    executor: str = Field(
        "process", description="Who works on pages: process (a pool here), inline, or dask (many machines)."
    )
    workers: int = Field(
        default_factory=lambda: os.cpu_count() or 1, description="Processes that work on pages at once.", ge=1, le=256
    )
    dask_scheduler: str = Field(
        "", description="Address of the Dask scheduler, e.g. tcp://10.0.0.5:8786; empty: one of our own."
    )
    lease_s: int = Field(
        60, description="Seconds after which the job of a worker that fell silent goes to another.", ge=1
    )
    max_attempts: int = Field(5, description="How often a job is tried again when its process dies.", ge=1)

    max_megapixels: int = Field(400, description="Largest picture, in millions of pixels.", ge=1, le=4000)
    max_pages: int = Field(20_000, description="Largest number of pages in one file.", ge=1)
    max_archive_entries: int = Field(10_000, description="Largest number of entries in an e-book or archive.", ge=1)
    max_archive_mb: int = Field(4096, description="Largest unpacked size of an e-book or archive, in megabytes.", ge=1)
    max_text_mb: int = Field(64, description="Largest plain text file, in megabytes.", ge=1)
    page_timeout_s: int = Field(120, description="Seconds that one page may take before it is set aside.", ge=1)
    page_memory_mb: int = Field(2048, description="Address space that a page's process may add, in megabytes.", ge=256)

    ocr_engine: str = Field(
        "auto", description="Who reads pages without text: auto, rapidocr, tesseract, or null (nobody)."
    )
    ocr_workers: int = Field(
        default_factory=half_the_processors, description="Processes that read pages by OCR at once.", ge=1, le=256
    )
    ocr_threads: int = Field(1, description="Processors that reading one page may use.", ge=1, le=64)
    ocr_timeout_s: int = Field(300, description="Seconds that reading one page may take before it is set aside.", ge=1)
    ocr_memory_mb: int = Field(4096, description="Address space that an OCR process may add, in megabytes.", ge=1024)

    tile_quality: int = Field(74, description="JPEG quality of the tiles that pages are zoomed with.", ge=30, le=95)
    reading_quality: int = Field(70, description="JPEG quality of the page pictures that are read.", ge=30, le=95)
    thumbnail_quality: int = Field(75, description="JPEG quality of thumbnails.", ge=30, le=95)
    cache_mb: int = Field(
        2048, description="Disk cache in home: page pictures of a remote store, parts made on request.", ge=16
    )
    image_megapixels: int = Field(12, description="Largest picture made on request, in millions of pixels.", ge=1)
    image_seconds: int = Field(10, description="Seconds that making a picture on request may take.", ge=1)
    image_at_once: int = Field(2, description="Pictures that a web server process makes at the same time.", ge=1, le=64)
    sendfile: Literal["off", "x-accel-redirect", "x-sendfile"] = Field(
        "off", description="Let the web server before us send stored files: nginx and Caddy by x-accel-redirect."
    )
    sendfile_prefix: str = Field(
        "/stored/",
        pattern=r"^/[A-Za-z0-9/_-]*/$",
        description="Internal address of the store there (x-accel-redirect).",
    )
    redirect_to_store: bool = Field(
        False, description="Send readers of open material to the S3 server by links of five minutes."
    )

    offline_days: float = Field(
        14, description="Days for which what needs an account is kept for reading offline; 0: never.", ge=0, le=365
    )

    session_key: SecretStr = Field(SecretStr(""), description="Signs sessions; made at the first start.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order of sources: given values, environment, wenyuan.toml, secrets.toml."""
        home = _home(init_settings())
        files = tuple(
            TomlConfigSettingsSource(settings_cls, home / name)
            for name in (FILE_NAME, SECRETS_NAME)
            if (home / name).is_file()
        )
        return (init_settings, env_settings, *files)

    @property
    def database_url(self) -> str:
        """URL of the catalogue."""
        return self.database or f"sqlite:///{self.home.resolve() / 'catalogue.sqlite'}"

    @property
    def index_folder(self) -> Path:
        """Folder of the search index."""
        return self.home / "index"

    @property
    def cache_folder(self) -> Path:
        """Folder of the disk cache; may be emptied at any time."""
        return self.home / "cache"

    @property
    def work_folder(self) -> Path:
        """Folder for what is being worked on; may be emptied when no worker runs."""
        return self.home / "work"

    def store_values(self) -> dict[str, str]:
        """What `open_store` of any store gets."""
        return {
            "root": str(self.store_root or self.home / "store"),
            "reserve_bytes": str(self.store_reserve_mb * 1024**2),
            "endpoint": self.s3_endpoint,
            "public_endpoint": self.s3_public_endpoint,
            "bucket": self.s3_bucket,
            "region": self.s3_region,
            "access_key": self.s3_access_key,
            "secret_key": self.s3_secret_key.get_secret_value(),
        }


def load(**given: Any) -> Settings:
    """Read the settings and make the data folder and its secrets where they are not there yet.

    Raises:
        InvalidSetting: names the variable, its value and what is allowed.
    """
    try:
        home = _home(given)
        _refuse_unknown_variables()
        home.mkdir(parents=True, exist_ok=True)
        _make_secrets(home / SECRETS_NAME)
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + str(first["loc"][0]).upper()
        raise InvalidSetting(setting=name, value=_shown(name, first["input"]), allowed=_allowed(first)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidSetting(setting=FILE_NAME, value=str(error), allowed="TOML: key = value") from error
    except OSError as error:
        raise InvalidSetting(setting=PREFIX + "HOME", value=str(_home(given)), allowed=str(error.strerror)) from error


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment of a child process that is to have these very settings, but for the key of sessions."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        if value is not None and name != "session_key":
            environment[PREFIX + name.upper()] = str(value.absolute() if isinstance(value, Path) else value)
    return environment


def _home(given: dict[str, Any]) -> Path:
    return Path(given.get("home") or os.environ.get(PREFIX + "HOME") or Settings.model_fields["home"].default)


def _refuse_unknown_variables() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for name in os.environ:
        if name.startswith(PREFIX) and name not in known:
            raise InvalidSetting(setting=name, value=_shown(name, os.environ[name]), allowed="wenyuan config")


def _shown(name: str, value: object) -> str:
    """A value as an error may repeat it: what could be a secret is not."""
    return "…" if re.search("KEY|SECRET|PASSWORD|DATABASE", name) else str(value)


def _allowed(problem: Any) -> str:
    context = problem.get("ctx", {})
    if "expected" in context:
        return str(context["expected"])
    bounds = [
        f"{sign} {context[key]}"
        for key, sign in (("ge", "≥"), ("le", "≤"), ("min_length", "length ≥"))
        if key in context
    ]
    return ", ".join(bounds) or str(problem["msg"])


def _make_secrets(path: Path) -> None:
    """Secrets are made once, readable by the owner alone; two processes that start together agree on one."""
    if path.exists():
        return
    # A name of its own (mkstemp, mode 0600): in a container the process has the same number at every start.
    number, draft = tempfile.mkstemp(".tmp", "secrets.", path.parent)
    try:
        with os.fdopen(number, "w") as file:
            file.write(f'session_key = "{secrets.token_urlsafe(48)}"\n')
            file.flush()
            os.fsync(number)
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        Path(draft).unlink()
