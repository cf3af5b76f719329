// Draws /openapi.json as a page, in Korean or English. Text is only ever set as text, never as markup.

const WORDS = {
  ko: {
    title: "REST API",
    note: "이 서버가 제공하는 API입니다. GET은 이 페이지에서 바로 실행해 볼 수 있습니다.",
    parameters: "매개변수", body: "본문 예시", answers: "응답", run: "실행", raw: "원본 보기", required: "필수",
    failed: "문서를 불러오지 못했습니다. 서버가 실행 중인지 확인한 뒤 새로 고치세요.",
    ok: "성공", problem: "오류(RFC 9457 문서)", other: "English", cut: "… (이하 생략)",
  },
  en: {
    title: "REST API",
    note: "What this server offers. GET requests can be run right here.",
    parameters: "Parameters", body: "Body, for example", answers: "Answers", run: "Run", raw: "Raw description", required: "required",
    failed: "The description couldn't be loaded. Check that the server is running, then reload.",
    ok: "success", problem: "error (RFC 9457 document)", other: "한국어", cut: "… (cut)",
  },
};
const KEY = "bongsu.language";
const SHOWN = 4000;
const EXAMPLE_TIME = 1763778000000;

/** Makes an element with attributes and children. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

function remembered() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // storage may be switched off
  }
}

function chosenLanguage() {
  const language = remembered() ?? navigator.language;
  return language.startsWith("ko") ? "ko" : "en";
}

function remember(language) {
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // the choice then lasts until the page is left
  }
}

const told = (item, language, english) => (language === "ko" && item["x-ko"]) || item[english] || "";

function parameterTable(parameters, language) {
  const words = WORDS[language];
  const rows = parameters.map((one) =>
    make("tr", {},
      make("td", {}, make("code", {}, one.name), one.required ? make("small", {}, ` ${words.required}`) : null),
      make("td", {}, told(one, language, "description")),
      make("td", {}, make("code", {}, (one.schema.enum ?? [one.example ?? ""]).join(", ")))));
  return make("table", {}, make("caption", {}, words.parameters), make("tbody", {}, ...rows));
}

/** The path of a GET with its examples filled in. */
function exampleUrl(path, operation) {
  const url = new URL(path, location.origin);
  for (const one of operation.parameters ?? []) {
    if (one.in === "path") url.pathname = url.pathname.replace(`%7B${one.name}%7D`, encodeURIComponent(one.example));
    else if (one.required) url.searchParams.set(one.name, one.example);
  }
  return url.pathname + url.search;
}

function tryOut(path, operation, language) {
  const words = WORDS[language];
  const address = make("input", { type: "text", value: exampleUrl(path, operation), "aria-label": "URL", spellcheck: "false" });
  const answer = make("pre", { hidden: "", tabindex: "0" });
  const button = make("button", { type: "button" }, words.run);
  button.addEventListener("click", async () => {
    answer.hidden = false;
    try {
      const response = await fetch(new URL(address.value, location.origin));
      const text = await response.text();
      answer.textContent = `${response.status} ${response.statusText}\n${readable(text, words)}`;
    } catch (error) {
      answer.textContent = String(error);
    }
  });
  return make("div", { class: "try" }, make("div", { class: "line" }, address, button), answer);
}

function readable(text, words) {
  let shown = text;
  try {
    shown = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // not JSON: shown as it is
  }
  return shown.length > SHOWN ? shown.slice(0, SHOWN) + words.cut : shown;
}

/** The request as a command for a terminal, with the examples' time brought up to now: an old one would be refused. */
function command(path, media, value) {
  const body = JSON.stringify(value).replaceAll(String(EXAMPLE_TIME), String(Date.now()));
  return `curl -H 'content-type: ${media}' \\\n  -d '${body}' \\\n  ${location.origin}${path}`;
}

function bodies(path, operation, language) {
  const content = operation.requestBody?.content ?? {};
  return Object.entries(content).flatMap(([media, { examples }]) =>
    Object.values(examples ?? {}).map((example) =>
      make("figure", {},
        make("figcaption", {}, `${WORDS[language].body} · ${told(example, language, "summary")} · ${media}`),
        make("pre", { tabindex: "0" }, command(path, media, example.value)))));
}

function answers(operation, language) {
  const words = WORDS[language];
  const codes = Object.keys(operation.responses).map((status) =>
    make("li", {}, make("code", {}, status), ` ${status.startsWith("2") ? words.ok : words.problem}`));
  return make("details", {}, make("summary", {}, words.answers), make("ul", {}, ...codes));
}

function section(path, method, operation, language) {
  return make("section", { "aria-label": `${method.toUpperCase()} ${path}` },
    make("h2", {}, make("span", { class: "method" }, method.toUpperCase()), " ", make("code", {}, path)),
    make("p", {}, told(operation, language, "summary")),
    operation.parameters ? parameterTable(operation.parameters, language) : null,
    ...bodies(path, operation, language),
    method === "get" ? tryOut(path, operation, language) : null,
    answers(operation, language));
}

function draw(description, language) {
  const words = WORDS[language];
  document.documentElement.lang = language;
  document.title = `Bongsu ${words.title}`;
  const other = language === "ko" ? "en" : "ko";
  const toggle = make("button", { type: "button", lang: other }, words.other);
  toggle.addEventListener("click", () => {
    remember(other);
    draw(description, other);
  });
  const shown = Object.entries(description.paths).filter(([path]) => !path.startsWith("/docs"));
  const sections = shown.flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => section(path, method, operation, language)));
  document.getElementById("manual").replaceChildren(
    make("header", {}, make("h1", {}, `Bongsu ${words.title} `, make("small", {}, description.info.version)), toggle),
    make("p", {}, words.note, " ", told(description.info, language, "description"), " ",
      make("a", { href: "/openapi.json" }, words.raw)),
    ...sections);
}

async function start() {
  const language = chosenLanguage();
  try {
    const response = await fetch("/openapi.json");
    if (!response.ok) throw new Error(String(response.status));
    draw(await response.json(), language);
  } catch {
    document.getElementById("manual").replaceChildren(make("p", { role: "alert" }, WORDS[language].failed));
  }
}

start();
