"""The catalogue's chapter on ourselves: our processes and what becomes of readings."""

from __future__ import annotations

from functools import partial

from bongsu.model.metric import Metric

_gauge = partial(Metric, kind="gauge", topic="system")
_counter = partial(Metric, kind="counter", topic="system")

PROCESS: tuple[Metric, ...] = (
    _gauge(
        name="bongsu_process_cpu_usage",
        unit="%",
        labels=("part",),
        title_ko="봉수의 CPU",
        title_en="Bongsu's CPU",
        ko="봉수의 프로세스(서버, 콘솔)가 쓰는 CPU로, 코어 하나를 다 쓰면 100입니다.",
        en="CPU of Bongsu's own processes (server, console); 100 is one core in full.",
    ),
    _gauge(
        name="bongsu_process_memory_bytes",
        unit="B",
        labels=("part",),
        title_ko="봉수의 메모리",
        title_en="Bongsu's memory",
        ko="봉수의 프로세스가 실제로 점유한 메모리(RSS)입니다.",
        en="Resident memory of Bongsu's own processes.",
    ),
    _gauge(
        name="bongsu_process_threads",
        labels=("part",),
        title_ko="봉수의 스레드",
        title_en="Bongsu's threads",
        ko="봉수의 프로세스가 가진 스레드 수입니다.",
        en="Threads of Bongsu's own processes.",
    ),
    _gauge(
        name="bongsu_process_open_files",
        labels=("part",),
        title_ko="봉수가 연 파일",
        title_en="Bongsu's open files",
        ko="봉수의 프로세스가 열어 둔 파일과 연결의 수입니다.",
        en="Files and connections that Bongsu's own processes hold open.",
    ),
    _counter(
        name="bongsu_process_gc_total",
        labels=("generation",),
        title_ko="메모리 정리 횟수",
        title_en="Garbage collections",
        ko="파이썬이 쓰지 않는 객체를 정리한 횟수를 세대별로 센 값입니다.",
        en="Runs of Python's garbage collector, by generation.",
    ),
)

COLLECTORS: tuple[Metric, ...] = (
    _gauge(
        name="bongsu_collector_duration_seconds",
        unit="s",
        labels=("collector",),
        title_ko="수집 소요 시간",
        title_en="Duration of a reading",
        ko="수집기가 마지막으로 값을 읽는 데 걸린 시간입니다.",
        en="How long the collector's last reading took.",
    ),
    _counter(
        name="bongsu_collector_skipped_total",
        labels=("collector",),
        title_ko="건너뛴 수집",
        title_en="Readings skipped",
        ko="앞선 수집이 끝나지 않았거나 너무 늦어 건너뛴 횟수입니다.",
        en="Readings left out because the one before still ran, or because it was too late for them.",
    ),
    _counter(
        name="bongsu_collector_errors_total",
        labels=("collector",),
        title_ko="수집 오류",
        title_en="Readings failed",
        ko="오류가 나거나 제한 시간을 넘긴 수집 횟수입니다.",
        en="Readings that raised an error or ran into their time-out.",
    ),
    _counter(
        name="bongsu_collector_refused_total",
        labels=("collector",),
        title_ko="거절된 샘플",
        title_en="Samples refused",
        ko="이름이나 값이 잘못되어 받아들여지지 않은 샘플 수입니다.",
        en="Samples of this collector that weren't taken because of a faulty name, label or value.",
    ),
    _gauge(
        name="bongsu_collector_stuck",
        labels=("collector",),
        title_ko="멈춘 수집기",
        title_en="Collector hangs",
        ko="1이면 수집기가 제한 시간 안에 응답하지 않아 멈춰 있는 상태입니다.",
        en="1 where the collector's reading ran into its time-out and hasn't come back.",
    ),
    _gauge(
        name="bongsu_collector_age_seconds",
        unit="s",
        labels=("collector",),
        title_ko="마지막 수집 경과",
        title_en="Age of the last reading",
        ko="수집기가 마지막으로 성공한 뒤 흐른 시간입니다.",
        en="Time since the collector's last reading that succeeded.",
    ),
    _gauge(
        name="bongsu_collect_delay_seconds",
        unit="s",
        title_ko="수집 지연",
        title_en="Delay of ticks",
        ko="예정 시각보다 가장 늦게 시작한 수집의 지연 시간입니다. 크면 서버가 바쁘다는 뜻입니다.",
        en="The longest delay of a tick behind its due time since the last look; large means a busy server.",
    ),
    _counter(
        name="bongsu_collect_clock_jumps_total",
        title_ko="시계 변경 횟수",
        title_en="Clock jumps",
        ko="시계가 1초 넘게 앞뒤로 움직인 횟수입니다. 장비가 절전에서 깨어난 경우도 포함합니다.",
        en="How often the clock moved by more than a second: set by hand, or the machine slept.",
    ),
    _counter(
        name="bongsu_collect_dropped_total",
        title_ko="버려진 샘플",
        title_en="Samples dropped",
        ko="저장이 밀려 넘기지 못하고 버린 샘플 수입니다.",
        en="Samples dropped because too many batches waited to be kept.",
    ),
    _counter(
        name="bongsu_collect_failures_total",
        title_ko="저장 실패",
        title_en="Batches not kept",
        ko="읽기는 했으나 저장하지 못한 묶음 수입니다.",
        en="Batches that were read but couldn't be kept.",
    ),
    _gauge(
        name="bongsu_collect_threads",
        title_ko="수집 스레드",
        title_en="Reading threads",
        ko="값을 읽는 데 쓰이는 스레드 수입니다.",
        en="Threads at hand for readings that block.",
    ),
    _gauge(
        name="bongsu_collect_threads_lost",
        title_ko="멈춘 스레드",
        title_en="Threads lost",
        ko="응답 없는 수집에 묶여 있는 스레드 수입니다.",
        en="Threads tied up in readings that hang.",
    ),
)

METRICS: tuple[Metric, ...] = (*PROCESS, *COLLECTORS)
