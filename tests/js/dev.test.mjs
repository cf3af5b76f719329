// The workshop's server: files from the working tree, everything else from a running server, the live socket too.
// guide: G111
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { serve } from '../../frontend/dev.js';

/** @type {import('node:http').Server} */
let behind;
/** @type {import('node:http').Server} */
let front;
let url = '';
/** @type {{url: string, headers: any, body: string}[]} */
const asked = [];

before(async () => {
  behind = createServer(async (incoming, answer) => {
    let body = '';
    for await (const part of incoming) body += part;
    asked.push({ url: incoming.url, headers: incoming.headers, body });
    answer.writeHead(incoming.url === '/api/v1/no' ? 404 : 200, { 'content-type': 'application/json' }).end('{"from": "server"}');
  });
  behind.on('upgrade', (incoming, socket) => {
    asked.push({ url: incoming.url, headers: incoming.headers, body: '' });
    socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\r\n');
    socket.on('data', (data) => socket.write(`back ${data}`));
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
  });
  await new Promise((done) => behind.listen(0, '127.0.0.1', () => done(null)));
  front = await serve({ target: `http://127.0.0.1:${behind.address().port}` });
  url = `http://127.0.0.1:${front.address().port}`;
});

after(() => {
  front.closeAllConnections();
  front.close();
  behind.closeAllConnections();
  behind.close();
});

test('the page and its files come from the working tree, unpinned', async () => {
  const page = await (await fetch(`${url}/`)).text();
  assert.match(page, /data-boot="\/monitoring\/boot.json"/);
  assert.match(page, /\/assets\/board\.js/);
  assert.doesNotMatch(page, /\{\{/);
  const file = await fetch(`${url}/assets/pages/index.js`);
  assert.equal(file.headers.get('cache-control'), 'no-store');
  assert.match(await file.text(), /export const PAGES/);
});

test('nothing outside the folder is served', async () => {
  for (const name of ['..%2fpages.py', '%2e%2e%2f%2e%2e%2fboot.py', 'board.html', 'pages', '%zz', '..%2f..%2fweb%2fpackage.json']) {
    assert.equal((await fetch(`${url}/assets/${name}`)).status, 404, name);
  }
});

test('everything else is the running server, under its own name', async () => {
  const answer = await fetch(`${url}/api/v1/rules?by=me`, { method: 'POST', body: '{"a": 1}', headers: { origin: url } });
  assert.deepEqual(await answer.json(), { from: 'server' });
  const { url: path, headers, body } = asked.at(-1);
  assert.equal(path, '/api/v1/rules?by=me');
  assert.equal(body, '{"a": 1}');
  assert.equal(headers.host, `127.0.0.1:${behind.address().port}`);
  assert.equal(headers.origin, `http://${headers.host}`);
  assert.equal((await fetch(`${url}/api/v1/no`)).status, 404);
});

test('the live socket is passed through both ways', async () => {
  const socket = connect(front.address().port, '127.0.0.1');
  socket.write('GET /live HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n');
  let got = '';
  await new Promise((done) => {
    socket.on('data', (data) => {
      const first = !got.includes('\r\n\r\n');
      got += data;
      if (first && got.includes('\r\n\r\n')) socket.write('hello');
      if (got.includes('back hello')) done(null);
    });
  });
  assert.match(got, /^HTTP\/1\.1 101 /);
  assert.equal(asked.at(-1).url, '/live');
  socket.destroy();
});

test('a server that is away is said to be', async () => {
  const lonely = await serve({ target: 'http://127.0.0.1:1' });
  const answer = await fetch(`http://127.0.0.1:${lonely.address().port}/api/v1/shop`);
  assert.equal(answer.status, 502);
  assert.match(await answer.text(), /127\.0\.0\.1:1/);
  lonely.close();
  lonely.closeAllConnections();
});
