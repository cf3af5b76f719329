"""The sentences that tell what is wrong with the settings, in Korean and English."""

from __future__ import annotations

from typing import Literal, TypeAlias

Language: TypeAlias = Literal["ko", "en"]

EN: dict[str, str] = {
    "unknown_key_near": "there is no such setting; did you mean {near}?",
    "unknown_key": "there is no such setting; known here: {known}",
    "at_least": "must be {bound} or more",
    "more_than": "must be more than {bound}",
    "at_most": "must be {bound} or less",
    "less_than": "must be less than {bound}",
    "not_empty": "must not be empty",
    "one_of": "must be one of {choices}",
    "type_int": "must be a whole number, without quotes",
    "type_float": "must be a number, without quotes",
    "type_bool": "must be true or false, without quotes",
    "type_list": "must be a list: [ … ]",
    "type_string": 'must be text in quotes: "…"',
    "type_object": "must be an object: { … }",
    "timezone": "is no time zone we know; write for example Asia/Seoul, Asia/Tokyo or UTC",
    "duration": 'must be a duration in quotes, a number and a unit of ms, s, m, h, d, w or y: "60s", "24h", "7d"',
    "http_url": "must be an address such as https://monitor.example.kr (no query, no fragment)",
    "http_address": "must be an address such as https://shop.example.kr/health",
    "check_url": "must be https://…, http://…, tcp://host:port, tls://host:port or dns://name",
    "connection_url": "must be postgresql://…, mysql://…, redis://…, amqp://… or tcp://host:port",
    "redis_url": "must be rediss://host:6379/0, redis://… or unix:///path; behind the ? may stand db, client_name, "
    "ssl_ca_certs, ssl_certfile and ssl_keyfile (certificates are always verified; redis.tls_ca names an authority)",
    "redis_two_passwords": "the password stands in url and in password: leave one of them",
    "redis_plain_ca": "tls_ca needs an address that begins with rediss://",
    "name_twice": "two have the same name; give one another",
    "too_many_items": "at most {most} can be watched",
    "missing": "must be given",
    "day": "must be a day such as 2026-12-31",
    "window": "must be START/END with time zones (2026-12-01T02:00+09:00/2026-12-01T06:00+09:00) or a weekly time "
    "(sun 02:00-06:00)",
    "timeout_interval": "the time-out must be shorter than the interval",
    "origin": "must be an origin such as https://ops.example.kr, without a path",
    "host": "must be an address or a host name, without a port",
    "dotted_path": "must be a dotted path such as my_metrics or my_metrics:Orders",
    "needs_accounts": "only this machine's own address (127.0.0.1, ::1, localhost) can be used until accounts exist; "
    "to look from elsewhere, bring the ports over: ssh -L 8080:127.0.0.1:8080 -L 8501:127.0.0.1:8501 "
    "-L 8765:127.0.0.1:8765 this-machine",
    "ports_equal": "port, live_port and console_port must differ (0 picks a free one)",
    "retention_order": "a coarser resolution must be kept at least as long as the finer one: raw ≤ minute ≤ hour",
    "duration_range": "must be a duration from {least} to {most}",
    "rule_sentence": 'can\'t be read; write such as "cpu_usage over 90 for 5m" or "disk_usage{mount=/data*} over 90"',
    "rule_id": "must be small letters, digits, _, - and ., at most 64, and begin with a letter or a digit",
    "rule_metric": "must be the name of a metric, such as cpu_usage",
    "rule_value": "is needed: the threshold to compare with",
    "rule_clear_equal": "can't be given with == and !=",
    "rule_clear_at_most": "must be {bound} or less: a breach is over on the healthy side of value",
    "rule_clear_at_least": "must be {bound} or more: a breach is over on the healthy side of value",
    "rule_message": "can't be used at {blank}; blanks are {value}, {threshold}, {unit}, {name}, {metric}, {severity}, "
    "{window}, {for}, {labels}, {labels.NAME}; double a brace to write it",
    "rule_when": 'can\'t be read: {reason}; such as "weekday 09:00-18:00 Asia/Seoul", '
    '"mon,thu not holiday 22:00-06:00"; part several with ;',
    "rule_twice": "another rule has the id {id} already; give this one an id of its own",
    "private_url": "must be an http(s) address in ASCII, on one line and without #",
    "bot": "must be a bot's token, such as 123456789:AbCd…",
    "chat_id": 'must be the number of a chat in quotes ("-1001234567890"), or a channel\'s "@name"',
    "address": "must be a mail address, without a name beside it",
    "channel_name": "must be small letters, digits, - and _, at most 40",
    "channel": "must be a channel: slack, telegram, email, jandi, dooray, discord, webhook:NAME or apprise:NUMBER",
    "headers": "must be header names with values on one line; Host, Content-*, Idempotency-Key and Bongsu-* are ours",
    "template_name": "{name} is no kind of message; write fired, resolved, repeated, escalated, acknowledged, summary, "
    "test or message, with a kind of channel before it where wanted: telegram/fired",
    "template": "{name}: line {line}: {reason}",
    "names_equal": "two webhooks have the same name",
    "program": "must be the whole path of a program, such as /usr/bin/systemctl",
    "one_action": "needs exactly one of http, command, function and built_in",
    "action_twice": "another action is called {name} already",
    "not_allowed": "{name} doesn't stand in alerts.allowed_commands",
    "name": "must be 1 to 100 letters, digits, spaces and . : @ + - _",
    "date": 'must be a date in quotes: "2026-01-05"',
    "repeats": "must be daily, weekday, weekend, or days such as mon,thu",
    "no_person": "there is no person {name} in alerts.people",
    "no_rota": "there is no rota {name} in alerts.rotas",
    "bounds_order": "min must not be above max",
    "no_weight": "at least one dimension must weigh something",
    "feed_hours": "{what}",
    "other": "{message}",
    "file_missing": "there is no such file; copy config/monitoring_config.json to start from the defaults",
    "file_unreadable": "the file can't be read: {reason}",
    "file_not_utf8": "the file must be UTF-8",
    "file_not_json": "not JSON at line {line}, column {column}: {reason}",
    "file_duplicate": "the key stands twice in one object; keep one",
    "file_number": "{number} is no JSON number",
    "file_not_object": "the file must hold one object: { … }",
    "dotenv_line": "line {line} is not NAME=value",
    "sealed_no_key": "is encrypted and there is no key: set BONGSU_SECRET_KEY, or put the key into {file}",
    "sealed_key_open": "is encrypted, and others can read the key in {file}: chmod 600 {file}",
    "sealed_key_unreadable": "is encrypted, and the key in {file} can't be read: {reason}",
    "sealed_key_wrong": "is encrypted, and what {key} holds is no key: make one with bongsu secrets key",
    "sealed_strange": "can't be decrypted with the key of {key}: it was encrypted with another key, or changed since",
    "sealed_in_the_open": "is no secret and is shown in the open: write it without enc:",
    "unknown_environment_near": "the environment name {name} is no setting and is ignored; did you mean {near}?",
    "unknown_environment": "the environment name {name} is no setting and is ignored",
}

KO: dict[str, str] = {
    "unknown_key_near": "없는 설정입니다. {near} 을(를) 쓰려던 것인가요?",
    "unknown_key": "없는 설정입니다. 이 자리에 쓸 수 있는 키: {known}",
    "at_least": "{bound} 이상이어야 합니다",
    "more_than": "{bound}보다 커야 합니다",
    "at_most": "{bound} 이하여야 합니다",
    "less_than": "{bound}보다 작아야 합니다",
    "not_empty": "비워 둘 수 없습니다",
    "one_of": "다음 중 하나여야 합니다: {choices}",
    "type_int": "따옴표 없는 정수여야 합니다",
    "type_float": "따옴표 없는 숫자여야 합니다",
    "type_bool": "따옴표 없는 true 또는 false 여야 합니다",
    "type_list": "목록이어야 합니다: [ … ]",
    "type_string": '따옴표로 감싼 문자열이어야 합니다: "…"',
    "type_object": "객체여야 합니다: { … }",
    "timezone": "알 수 없는 시간대입니다. 예: Asia/Seoul, Asia/Tokyo, UTC",
    "duration": '기간은 숫자와 단위(ms, s, m, h, d, w, y)를 따옴표로 감싸 씁니다. 예: "60s", "24h", "7d"',
    "http_url": "https://monitor.example.kr 같은 주소여야 합니다(쿼리와 #은 빼고)",
    "http_address": "https://shop.example.kr/health 같은 주소여야 합니다",
    "check_url": "https://…, http://…, tcp://호스트:포트, tls://호스트:포트, dns://이름 가운데 하나여야 합니다",
    "connection_url": "postgresql://…, mysql://…, redis://…, amqp://…, tcp://호스트:포트 가운데 하나여야 합니다",
    "redis_url": "rediss://호스트:6379/0, redis://…, unix:///경로 가운데 하나여야 합니다. ? 뒤에는 db, client_name, "
    "ssl_ca_certs, ssl_certfile, ssl_keyfile 만 쓸 수 있습니다. "
    "인증서는 항상 검증하며, 자체 기관은 redis.tls_ca 에 적습니다",
    "redis_two_passwords": "암호가 url과 password에 모두 있습니다. 한 곳에만 두세요",
    "redis_plain_ca": "tls_ca는 rediss:// 로 시작하는 주소에만 쓸 수 있습니다",
    "name_twice": "이름이 같은 것이 둘 있습니다. 하나의 이름을 바꾸세요",
    "too_many_items": "최대 {most}개까지 감시할 수 있습니다",
    "missing": "반드시 적어야 합니다",
    "day": "2026-12-31 같은 날짜여야 합니다",
    "window": "시작/끝을 시간대와 함께 적거나(2026-12-01T02:00+09:00/2026-12-01T06:00+09:00) 요일과 시간을 적습니다"
    "(sun 02:00-06:00)",
    "timeout_interval": "제한 시간은 간격보다 짧아야 합니다",
    "origin": "https://ops.example.kr 같은 Origin이어야 합니다(경로 없이)",
    "host": "포트 없이 주소나 호스트 이름만 씁니다",
    "dotted_path": "my_metrics 또는 my_metrics:Orders 같은 점 표기 경로여야 합니다",
    "needs_accounts": "계정 기능이 생기기 전에는 이 장비의 주소(127.0.0.1, ::1, localhost)만 쓸 수 있습니다. "
    "다른 곳에서 보려면 포트를 끌어오세요: ssh -L 8080:127.0.0.1:8080 -L 8501:127.0.0.1:8501 "
    "-L 8765:127.0.0.1:8765 이-장비",
    "ports_equal": "port, live_port, console_port 는 서로 달라야 합니다(0이면 빈 포트를 고릅니다)",
    "retention_order": "굵은 해상도는 고운 해상도 이상으로 보관해야 합니다: raw ≤ minute ≤ hour",
    "duration_range": "{least}에서 {most} 사이의 기간이어야 합니다",
    "rule_sentence": '읽을 수 없습니다. 예: "cpu_usage over 90 for 5m", "disk_usage{mount=/data*} over 90"',
    "rule_id": "영문 소문자, 숫자, _, -, . 으로 64자까지 쓰고 문자나 숫자로 시작해야 합니다",
    "rule_metric": "cpu_usage 같은 메트릭 이름이어야 합니다",
    "rule_value": "비교할 임계값이 필요합니다",
    "rule_clear_equal": "== 와 != 에는 쓸 수 없습니다",
    "rule_clear_at_most": "{bound} 이하여야 합니다. 해제 값은 value보다 정상 쪽에 있어야 합니다",
    "rule_clear_at_least": "{bound} 이상이어야 합니다. 해제 값은 value보다 정상 쪽에 있어야 합니다",
    "rule_message": "{blank} 을(를) 쓸 수 없습니다. 쓸 수 있는 것: {value}, {threshold}, {unit}, {name}, {metric}, "
    "{severity}, {window}, {for}, {labels}, {labels.이름}. 중괄호 자체는 두 번 씁니다",
    "rule_when": '읽을 수 없습니다({reason}). 요일, 시간, 시간대를 씁니다. 예: "weekday 09:00-18:00 Asia/Seoul", '
    '"mon,thu not holiday 22:00-06:00". 여러 개는 ;로 구분합니다',
    "rule_twice": "id가 {id}인 규칙이 이미 있습니다. 다른 id를 주세요",
    "private_url": "ASCII로 쓴 http(s) 주소 한 줄이어야 합니다(# 없이)",
    "bot": "123456789:AbCd… 같은 봇 토큰이어야 합니다",
    "chat_id": '따옴표로 감싼 채팅 번호("-1001234567890")나 채널의 "@이름"이어야 합니다',
    "address": "이름 없이 메일 주소만 씁니다",
    "channel_name": "영문 소문자, 숫자, -, _ 로 40자까지 쓸 수 있습니다",
    "channel": "채널 이름이어야 합니다: slack, telegram, email, jandi, dooray, discord, webhook:이름, apprise:번호",
    "headers": "헤더 이름과 한 줄짜리 값이어야 합니다. Host, Content-*, Idempotency-Key, Bongsu-* 는 쓸 수 없습니다",
    "template_name": "{name} 은(는) 메시지 종류가 아닙니다. fired, resolved, repeated, escalated, acknowledged, "
    "summary, test, message 중 하나를 쓰고, 필요하면 telegram/fired 처럼 채널 종류를 앞에 붙입니다",
    "template": "{name}: {line}행: {reason}",
    "names_equal": "이름이 같은 웹훅이 둘 있습니다",
    "program": "/usr/bin/systemctl 같은 프로그램의 전체 경로여야 합니다",
    "one_action": "http, command, function, built_in 중 하나만 있어야 합니다",
    "action_twice": "이름이 {name}인 자동 대응이 이미 있습니다",
    "not_allowed": "alerts.allowed_commands 에 {name} 이(가) 없습니다",
    "name": "글자, 숫자, 공백과 . : @ + - _ 로 100자까지 쓸 수 있습니다",
    "date": '날짜는 "2026-01-05"처럼 따옴표로 감싸 씁니다',
    "repeats": "daily, weekday, weekend 또는 mon,thu 같은 요일이어야 합니다",
    "no_person": "alerts.people 에 {name} 이(가) 없습니다",
    "no_rota": "alerts.rotas 에 {name} 이(가) 없습니다",
    "bounds_order": "min은 max보다 클 수 없습니다",
    "no_weight": "차원 가운데 적어도 하나는 가중치가 있어야 합니다",
    "feed_hours": "{what}",
    "other": "{message}",
    "file_missing": "파일이 없습니다. config/monitoring_config.json 을 복사해 기본값에서 시작하세요",
    "file_unreadable": "파일을 읽을 수 없습니다: {reason}",
    "file_not_utf8": "파일은 UTF-8이어야 합니다",
    "file_not_json": "{line}행 {column}열에서 JSON이 아닙니다: {reason}",
    "file_duplicate": "한 객체에 같은 키가 두 번 있습니다. 하나만 남기세요",
    "file_number": "{number} 은(는) JSON 숫자가 아닙니다",
    "file_not_object": "파일에는 객체 하나가 있어야 합니다: { … }",
    "dotenv_line": "{line}행이 이름=값 형식이 아닙니다",
    "sealed_no_key": "암호화된 값인데 키가 없습니다. BONGSU_SECRET_KEY 를 설정하거나 {file} 에 키를 넣으세요",
    "sealed_key_open": "암호화된 값인데 키 파일 {file} 을(를) 다른 사용자도 읽을 수 있습니다: chmod 600 {file}",
    "sealed_key_unreadable": "암호화된 값인데 키 파일 {file} 을(를) 읽을 수 없습니다: {reason}",
    "sealed_key_wrong": "암호화된 값인데 {key} 의 내용이 키가 아닙니다. bongsu secrets key 로 만드세요",
    "sealed_strange": "{key} 의 키로 복호화할 수 없습니다. 다른 키로 암호화했거나 값이 바뀌었습니다",
    "sealed_in_the_open": "비밀 값이 아니어서 화면에 그대로 보입니다. enc: 없이 쓰세요",
    "unknown_environment_near": "환경 변수 {name} 은(는) 설정이 아니어서 무시합니다. {near} 을(를) 쓰려던 것인가요?",
    "unknown_environment": "환경 변수 {name} 은(는) 설정이 아니어서 무시합니다",
}

_CATALOGUES: dict[Language, dict[str, str]] = {"ko": KO, "en": EN}


def knows(code: str) -> bool:
    """Whether there is a sentence of that name."""
    return code in EN


def say(code: str, language: Language, **facts: str) -> str:
    """The sentence with its facts filled in."""
    text = _CATALOGUES[language][code]
    for name, fact in facts.items():
        text = text.replace(f"{{{name}}}", fact)
    return text
