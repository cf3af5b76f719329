// `npm run dev`: the board from the working tree in front of a running server. A changed module shows at the next reload.
//
//   BONGSU_URL   the server whose data are shown, http://127.0.0.1:8080 by default
//   PORT         where this listens on this machine, 5173 by default (0: any free one)
import { readFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { extname, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const STATIC = fileURLToPath(new URL('../src/bongsu/web/static/', import.meta.url));
const TYPES = {
  '.css': 'text/css; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.json': 'application/json',
  '.md': 'text/plain; charset=utf-8', '.svg': 'image/svg+xml', '.woff2': 'font/woff2',
};
const BOARD = '/monitoring/dashboard';

/** A file of the board as it lies there now; null for what isn't one. @param {string} name */
async function asset(name) {
  const path = resolve(STATIC, name);
  const type = TYPES[extname(path)];
  if (!path.startsWith(STATIC.endsWith(sep) ? STATIC : STATIC + sep) || !type) return null;
  return { type, body: await readFile(path).catch(() => null) };
}

/** The page as `bongsu.web.pages.render` makes it, without pinned addresses and preloading. */
async function page(language) {
  const text = await readFile(resolve(STATIC, 'board.html'), 'utf8');
  const words = { modules: '', assets: '/assets', language, boot: '/monitoring/boot.json' };
  return text.replace(/\{\{(\w+)\}\}/g, (whole, name) => words[name] ?? whole);
}

/** The same request for the server: it knows itself by its own name only. */
function asked(target, incoming) {
  const headers = { ...incoming.headers, host: target.host };
  if (headers.origin) headers.origin = target.origin;
  const send = target.protocol === 'https:' ? secureRequest : request;
  return send(new URL(incoming.url, target.origin), { method: incoming.method, headers });
}

/** @param {{target: string, port?: number}} options @returns {Promise<import('node:http').Server>} listening on loopback */
export function serve({ target, port = 0 }) {
  const server = new URL(target);
  const told = (answer, status, type, body) => answer.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
  const front = createServer(async (incoming, answer) => {
    const { pathname } = new URL(incoming.url ?? '/', 'http://board');
    if (pathname === '/') {
      answer.writeHead(307, { location: BOARD }).end();
    } else if (pathname === BOARD) {
      told(answer, 200, 'text/html; charset=utf-8', await page('ko'));
    } else if (pathname.startsWith('/assets/')) {
      let name = '';
      try {
        name = decodeURIComponent(pathname.slice('/assets/'.length));
      } catch {
        // A name that can't be read is no name.
      }
      const found = await asset(name);
      if (found?.body) told(answer, 200, found.type, found.body);
      else told(answer, 404, 'text/plain', 'no such file\n');
    } else {
      const passed = asked(server, incoming);
      passed.on('response', (got) => {
        answer.writeHead(got.statusCode ?? 502, got.headers);
        got.pipe(answer);
      });
      passed.on('error', (fault) => (answer.headersSent ? answer.destroy() : told(answer, 502, 'text/plain', `${server.origin}: ${fault.message}\n`)));
      answer.on('close', () => passed.destroy());
      incoming.pipe(passed);
    }
  });
  front.on('upgrade', (incoming, socket, head) => {
    const passed = asked(server, incoming);
    socket.on('error', () => passed.destroy());
    passed.on('error', () => socket.destroy());
    passed.on('response', (got) => {
      socket.end(`HTTP/1.1 ${got.statusCode} ${got.statusMessage}\r\nconnection: close\r\n\r\n`);
      got.resume();
    });
    passed.on('upgrade', (got, far, first) => {
      const lines = Object.entries(got.headers).map(([name, value]) => `${name}: ${value}`);
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
      if (first.length) socket.write(first);
      if (head.length) far.write(head);
      far.pipe(socket).pipe(far);
      far.on('error', () => socket.destroy());
      far.on('close', () => socket.destroy());
      socket.on('close', () => far.destroy());
    });
    passed.end();
  });
  return new Promise((done, failed) => front.once('error', failed).listen(port, '127.0.0.1', () => done(front)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const target = process.env.BONGSU_URL ?? 'http://127.0.0.1:8080';
  const front = await serve({ target, port: Number(process.env.PORT ?? 5173) });
  const address = front.address();
  console.log(`http://127.0.0.1:${typeof address === 'object' ? address?.port : address}${BOARD}  (data of ${target})`);
}
