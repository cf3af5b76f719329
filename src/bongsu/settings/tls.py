"""The certificate that our ports show."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import SecretStr, model_validator
from pydantic_core import PydanticCustomError

from bongsu.settings.parts import Section, told
from bongsu.tls.certificate import KeyFiles


class Tls(Section):
    """Certificate and key; with them REST, board, live socket and console speak TLS alone."""

    certificate: str | None = told(
        None,
        min_length=1,
        en="Certificate file (PEM, with its chain: certbot's fullchain.pem); renewed files are taken in while running.",
        ko="인증서 파일(PEM, 중간 인증서 포함: certbot의 fullchain.pem). 갱신되면 재시작 없이 새 인증서를 씁니다.",
    )
    key: str | None = told(
        None, min_length=1, en="File of its private key (PEM: privkey.pem).", ko="개인 키 파일(PEM: privkey.pem)."
    )
    password: SecretStr | None = told(
        None, en="Password of the key, where it is encrypted.", ko="개인 키가 암호화되어 있을 때의 암호."
    )

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise PydanticCustomError("tls_half", "certificate and key go together")
        return self

    @property
    def files(self) -> KeyFiles | None:
        """Where they lie; None where nothing is set and TLS isn't spoken."""
        if self.certificate is None or self.key is None:
            return None
        password = self.password.get_secret_value() if self.password else ""
        return KeyFiles(certificate=Path(self.certificate), key=Path(self.key), password=password)
