"""The figures that accounts tell about themselves, as entries of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bongsu.model.metric import Metric
from bongsu.model.sample import Sample, labels_of

METRICS: tuple[Metric, ...] = (
    Metric(
        name="bongsu_access_kept",
        kind="gauge",
        unit="",
        topic="system",
        title_ko="계정·세션·토큰 수",
        title_en="Accounts, sessions and tokens",
        ko="계정(users), 로그인 세션(sessions), API 토큰(tokens)의 수입니다.",
        en="How many accounts (users), sessions and API tokens there are.",
    ),
    Metric(
        name="bongsu_access_sign_ins_total",
        kind="counter",
        unit="",
        topic="system",
        title_ko="로그인 시도",
        title_en="Attempts to sign in",
        ko="시작한 뒤의 로그인 시도를 결과별로 셉니다: 성공(ok), 실패(wrong), 실패가 잦아 거절(held).",
        en="Attempts to sign in since the start, by how they ended: ok, wrong, or held back after failures.",
    ),
)


def samples(kept: Mapping[str, int], sign_ins: Mapping[str, int]) -> Iterator[Sample]:
    """The present figures."""
    for kind, count in kept.items():
        yield Sample(metric="bongsu_access_kept", labels=labels_of(kind=kind), value=float(count))
    for result, count in sign_ins.items():
        yield Sample(metric="bongsu_access_sign_ins_total", labels=labels_of(result=result), value=float(count))
