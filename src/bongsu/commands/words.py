"""What the commands say, in Korean and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["ko", "en"]

EN: dict[str, str] = {
    "about": "Real-time monitoring of machines, data feeds, services, shops and marketplaces.",
    "help": "show this help and exit",
    "version": "show the version and exit",
    "up": "start the server and the console",
    "check": "test this installation: sample → history → WebSocket",
    "config": "show, describe or check the settings",
    "config_show": "every setting with where its value comes from; secrets masked",
    "config_schema": "the JSON Schema of the settings file, for editors",
    "config_validate": "tell every fault of the settings",
    "notify": "try the channels that alerts go through",
    "notify_test": "send a test message through each channel, or through the named ones; exit 0 or 1",
    "notify_channels": "slack, telegram, email, webhook:NAME …; without, every channel that is set up",
    "notify_none": "No channel is set up: see notifications in docs/settings.md, or set SLACK_WEBHOOK_URL.",
    "notify_sent": "{channel}: delivered{receipt}",
    "notify_failed": "{channel}: NOT delivered: {reason}",
    "notify_unknown": "{channel}: there is no such channel; there are: {known}",
    "shop": "look at the shop's database",
    "shop_check": "tell which tables and columns of the shop are found, and what is missing; exit 0 or 1",
    "shop_off": "No shop is configured: set shop.url, such as postgresql://user:password@host:5434/shop.",
    "shop_reading": "Reading {name}",
    "shop_found": "found",
    "shop_absent": "not found",
    "shop_table": "{what}: {table}",
    "shop_no_hours": "Payments are stored as days: there is no trend by hour.",
    "shop_no_index": "No index on marketplace and status: open orders are counted for the last {days} days only. "
    "CREATE INDEX ON {table} ({columns}) helps.",
    "shop_no_time_index": "No index begins with {column}: each round reads the whole table.",
    "shop_round": "One round took {took} ms: {orders} orders today, {products} products.",
    "shop_unknown": "Status words that nobody mapped ({count} orders): {words}. Map them in shop.states.",
    "shop_failed": "It can't be read: {reason}",
    "flag_config": "settings file (default: config/monitoring_config.json)",
    "flag_data": "folder for the data",
    "flag_host": "address to listen on",
    "flag_port": "port of REST and board; 0 picks a free one",
    "flag_live_port": "port of the WebSocket; 0 picks a free one",
    "flag_console_port": "port of the console; 0 picks a free one",
    "flag_no_console": "without the console",
    "flag_demo": "with a simulated shop and data feed, labelled as simulated on every screen",
    "flag_json": "as JSON",
    "flag_streamlit": "the Streamlit console; joins a running server, else starts one",
    "flag_check_deps": "tell which packages are there; exit 0 or 1",
    "flag_validate_config": "tell every fault of the settings; exit 0 or 1",
    "flag_test": "self-test on free ports; nothing is sent outside; exit 0 or 1",
    "dashboard": "The monitoring dashboard: without flags it starts the server and the console.",
    "settings_wrong": "The settings can't be used ({count}):",
    "settings_good": "The settings are fine ({origin}).",
    "settings_defaults": "defaults; there is no settings file",
    "default": "default",
    "package_missing": "A package is missing: {name}. Set everything up with `make setup`, or install the packages "
    "with `python3 -m pip install -r requirements.txt`.",
    "port_taken": "Port {port} is taken{owner}. End that program, or choose another port: {flag} 0 picks a free one.",
    "port_owner": " by {name} (pid {pid})",
    "port_ours": "Bongsu already runs on port {port}: {url}",
    "port_forbidden": "Port {port} needs more rights than this user has. Choose one above 1023: {flag}.",
    "folder_wrong": "{path} can't be written: {reason}. Choose another folder with --data or storage.data_dir.",
    "cannot_start": "It can't start: {reason}",
    "ready": "Bongsu is ready.",
    "board": "board",
    "console": "console",
    "live": "live socket",
    "rest": "REST",
    "stop_hint": "Ctrl+C stops it.",
    "dependency_there": "{name} {version}",
    "dependency_missing": "{name} is missing (wanted: {wanted}){use}",
    "dependency_old": "{name} {version} is too old (wanted: {wanted}){use}",
    "dependency_use": ": needed for the extra {extra}",
    "dependencies_good": "Everything needed is there.",
    "dependencies_bad": "{count} missing or too old. Install with: python3 -m pip install -r requirements.txt",
    "extra_optional": "optional",
    "check_start": "Self-test on free ports; nothing is sent outside.",
    "check_step_server": "server is ready",
    "check_step_collect": "this machine is read",
    "check_step_watch": "the WebSocket opens",
    "check_step_sample": "a sample is accepted",
    "check_step_history": "it comes back from history",
    "check_step_live": "it arrives at the WebSocket",
    "check_step_board": "the board is served",
    "check_good": "All good ({seconds} s).",
    "check_bad": "It fails at: {step}. {reason}",
    "interrupted": "Interrupted.",
}

KO: dict[str, str] = {
    "about": "장비, 데이터 피드, 서비스, 쇼핑몰, 마켓플레이스를 실시간으로 모니터링합니다.",
    "help": "도움말을 보이고 끝냅니다",
    "version": "버전을 보이고 끝냅니다",
    "up": "서버와 콘솔을 시작합니다",
    "check": "설치를 점검합니다: 샘플 → 이력 → WebSocket",
    "config": "설정을 보거나, 스키마를 뽑거나, 검사합니다",
    "config_show": "모든 설정과 값의 출처를 보입니다. 비밀 값은 가립니다",
    "config_schema": "편집기에서 쓸 설정 파일의 JSON Schema",
    "config_validate": "설정의 잘못을 모두 알려 줍니다",
    "notify": "알림 채널을 시험합니다",
    "notify_test": "모든 채널 또는 지정한 채널로 시험 메시지를 보냅니다. 종료 코드 0 또는 1",
    "notify_channels": "slack, telegram, email, webhook:이름 등. 적지 않으면 설정된 모든 채널",
    "notify_none": "설정된 채널이 없습니다. docs/settings.md의 notifications를 보거나 SLACK_WEBHOOK_URL을 지정하세요.",
    "notify_sent": "{channel}: 도착{receipt}",
    "notify_failed": "{channel}: 보내지 못함: {reason}",
    "notify_unknown": "{channel}: 없는 채널입니다. 설정된 채널: {known}",
    "shop": "쇼핑몰 DB를 점검합니다",
    "shop_check": "쇼핑몰의 어떤 테이블과 컬럼을 찾았고 무엇이 없는지 알려 줍니다. 종료 코드 0 또는 1",
    "shop_off": "쇼핑몰이 설정되지 않았습니다. shop.url을 지정하세요. 예: postgresql://user:password@host:5434/shop",
    "shop_reading": "{name} 조회 중",
    "shop_found": "찾음",
    "shop_absent": "없음",
    "shop_table": "{what}: {table}",
    "shop_no_hours": "결제 시각이 날짜로만 저장되어 있어 시간별 추이는 없습니다.",
    "shop_no_index": "마켓과 상태 컬럼에 인덱스가 없어 대기·처리중 주문을 최근 {days}일만 셉니다. "
    "CREATE INDEX ON {table} ({columns})을 권장합니다.",
    "shop_no_time_index": "{column}(으)로 시작하는 인덱스가 없어 조회할 때마다 테이블 전체를 읽습니다.",
    "shop_round": "한 번 조회에 {took}ms: 오늘 주문 {orders}건, 상품 {products}개",
    "shop_unknown": "매핑되지 않은 상태값(주문 {count}건): {words}. shop.states에 추가하세요.",
    "shop_failed": "조회할 수 없습니다: {reason}",
    "flag_config": "설정 파일(기본: config/monitoring_config.json)",
    "flag_data": "데이터 폴더",
    "flag_host": "수신 주소",
    "flag_port": "REST와 보드의 포트. 0이면 빈 포트",
    "flag_live_port": "WebSocket 포트. 0이면 빈 포트",
    "flag_console_port": "콘솔 포트. 0이면 빈 포트",
    "flag_no_console": "콘솔 없이 시작합니다",
    "flag_demo": "가상의 쇼핑몰과 데이터 피드를 함께 띄웁니다. 모든 화면에 모의 데이터라고 표시합니다",
    "flag_json": "JSON으로 출력합니다",
    "flag_streamlit": "Streamlit 콘솔. 실행 중인 서버가 있으면 붙고, 없으면 함께 시작합니다",
    "flag_check_deps": "필요한 패키지가 있는지 알려 줍니다. 종료 코드 0 또는 1",
    "flag_validate_config": "설정의 잘못을 모두 알려 줍니다. 종료 코드 0 또는 1",
    "flag_test": "빈 포트에서 자체 점검을 합니다. 외부로는 아무것도 보내지 않습니다. 종료 코드 0 또는 1",
    "dashboard": "모니터링 대시보드. 옵션이 없으면 서버와 콘솔을 시작합니다.",
    "settings_wrong": "설정을 쓸 수 없습니다({count}건):",
    "settings_good": "설정에 문제가 없습니다({origin}).",
    "settings_defaults": "설정 파일 없음, 기본값 사용",
    "default": "기본값",
    "package_missing": "패키지가 없습니다: {name}. `make setup` 으로 한 번에 준비하거나 "
    "`python3 -m pip install -r requirements.txt` 로 설치하세요.",
    "port_taken": "포트 {port} 은(는) 이미 쓰이고 있습니다{owner}. 그 프로그램을 끝내거나 "
    "다른 포트를 고르세요. {flag} 0 이면 빈 포트를 찾습니다.",
    "port_owner": "({name}, pid {pid})",
    "port_ours": "Bongsu가 이미 포트 {port} 에서 실행 중입니다: {url}",
    "port_forbidden": "포트 {port} 은(는) 이 사용자의 권한으로 열 수 없습니다. 1023보다 큰 포트를 고르세요: {flag}",
    "folder_wrong": "{path} 에 쓸 수 없습니다: {reason}. --data 또는 storage.data_dir 로 다른 폴더를 고르세요.",
    "cannot_start": "시작할 수 없습니다: {reason}",
    "ready": "Bongsu가 준비되었습니다.",
    "board": "보드",
    "console": "콘솔",
    "live": "실시간 소켓",
    "rest": "REST",
    "stop_hint": "Ctrl+C 로 멈춥니다.",
    "dependency_there": "{name} {version}",
    "dependency_missing": "{name} 이(가) 없습니다(필요: {wanted}){use}",
    "dependency_old": "{name} {version} 은(는) 너무 오래되었습니다(필요: {wanted}){use}",
    "dependency_use": ": {extra} 기능에 필요",
    "dependencies_good": "필요한 패키지가 모두 있습니다.",
    "dependencies_bad": "없거나 오래된 패키지 {count}개. 설치: python3 -m pip install -r requirements.txt",
    "extra_optional": "선택",
    "check_start": "빈 포트에서 자체 점검을 합니다. 외부로는 아무것도 보내지 않습니다.",
    "check_step_server": "서버 준비",
    "check_step_collect": "이 장비의 수집",
    "check_step_watch": "WebSocket 연결",
    "check_step_sample": "샘플 접수",
    "check_step_history": "이력 조회",
    "check_step_live": "WebSocket 수신",
    "check_step_board": "보드 제공",
    "check_good": "모두 정상입니다({seconds}초).",
    "check_bad": "다음 단계에서 실패했습니다: {step}. {reason}",
    "interrupted": "중단했습니다.",
}

CATALOGUES: Mapping[Language, Mapping[str, str]] = {"ko": KO, "en": EN}


class Words:
    """The catalogue of one language."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._texts = CATALOGUES[language]

    def __call__(self, code: str, **facts: object) -> str:
        """The sentence with its facts filled in."""
        return self._texts[code].format(**facts) if facts else self._texts[code]


def words_for(environment: Mapping[str, str]) -> Words:
    """The language before settings are read: `BONGSU_MONITORING__LANGUAGE`, else Korean."""
    return Words("en" if environment.get("BONGSU_MONITORING__LANGUAGE") == "en" else "ko")
