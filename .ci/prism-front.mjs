// Stands between adapters and sandboxes, and shows every call to Prism.
//
// A sandbox that starts asks for an address of its own: POST /?upstream=127.0.0.1:PORT. What arrives there goes to the
// Prism process of its path, which checks the request and passes it on to this program's back door, which passes it on to
// the sandbox; the answer goes back the same way, so that Prism checks it too. The caller gets the sandbox's own answer,
// or its dropped connection. Prism runs without --errors: it then names what is wrong in the header `sl-violations` and
// lets the call pass, so that one complaint does not hide the next.
//
// GET /report lists the operations with their counts, and all complaints; DELETE forgets them.
// Usage: node prism-front.mjs PORT ROUTES.json, with ROUTES: [{ "prefix", "strip", "prism", "operations" }], first match wins.
import http from "node:http";
import { readFileSync } from "node:fs";
import { randomUUID } from "node:crypto";

const [, , port, routesFile] = process.argv;
const routes = JSON.parse(readFileSync(routesFile, "utf8")).map((route) => ({
  ...route,
  operations: JSON.parse(readFileSync(route.operations, "utf8")),
}));
const known = JSON.parse(readFileSync(new URL("prism-known.json", import.meta.url), "utf8"));
const calls = new Map();
const counts = new Map();
const complaints = new Map();
const agent = new http.Agent({ keepAlive: true });

// Both vendors send null where nothing is set, and both specifications forget to say so.
let nulls = 0;
// Prism gets answers without them: a page of records would otherwise make more complaints than a header can hold.
function withoutNulls(result) {
  try {
    const strip = (value) => {
      if (value === null || typeof value !== "object") return value;
      if (Array.isArray(value)) return value.map(strip);
      const kept = Object.entries(value).filter(([, member]) => member !== null);
      nulls += Object.keys(value).length - kept.length;
      return Object.fromEntries(kept.map(([name, member]) => [name, strip(member)]));
    };
    return { ...result, body: Buffer.from(JSON.stringify(strip(JSON.parse(result.body)))) };
  } catch { return result; }
}

const read = async (stream) => {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
};

function send(target, method, path, headers, body) {
  const [hostname, port] = target.split(":");
  return new Promise((resolve, reject) => {
    const request = http.request({ hostname, port, method, path, headers, agent: target.startsWith("127") ? agent : undefined });
    request.on("error", reject);
    request.on("response", async (response) => {
      try {
        resolve({ status: response.statusCode, headers: response.headers, body: await read(response) });
      } catch (error) { reject(error); }
    });
    request.end(body);
  });
}

const answer = (response, { status, headers, body }) => {
  const kept = { ...headers, "content-length": body.length };
  for (const name of ["transfer-encoding", "connection", "keep-alive"]) delete kept[name];
  if (status === 204) delete kept["content-length"];
  response.writeHead(status, kept);
  response.end(body);
};

// The operation that a path belongs to: of several templates the one with the fewest parameters.
function operation(route, method, path) {
  const parts = path.split("/");
  const fits = (template) => {
    const wanted = template.split("/");
    return wanted.length === parts.length && wanted.every((part, at) => part.startsWith("{") || part === parts[at]);
  };
  const all = route.operations.filter(([verb, template]) => verb === method.toLowerCase() && fits(template));
  all.sort((one, other) => one[1].split("{").length - other[1].split("{").length);
  return all.length ? `${method} ${route.strip}${all[0][1]}` : null;
}

function complain(what, method, path, detail) {
  const found = known.find((rule) => new RegExp(rule.operation).test(what) && new RegExp(rule.complaint).test(detail));
  const key = `${what}: ${detail}`;
  const entry = complaints.get(key) ?? { key, count: 0, known: found?.why ?? null, example: `${method} ${path}` };
  entry.count += 1;
  complaints.set(key, entry);
}

async function pass(request, response, upstream) {
  const { method, url } = request;
  const body = await read(request);
  const [path] = url.split("?");
  const headers = { ...request.headers };
  const route = routes.find((route) => path.startsWith(route.prefix));
  if (!route || path.startsWith("/_sandbox/")) {
    if (!path.startsWith("/_sandbox/")) complain(`${method} ${path}`, method, path, "no specification covers this path");
    return answer(response, await send(upstream, method, url, headers, body));
  }
  const stripped = url.slice(route.strip.length);
  const what = operation(route, method, path.slice(route.strip.length)) ?? `${method} ${path}`;
  counts.set(what, (counts.get(what) ?? 0) + 1);
  const id = randomUUID();
  const call = { upstream, url, headers: request.headers, result: null, dropped: false };
  calls.set(id, call);
  try {
    const checked = await send(route.prism, method, stripped, { ...headers, "x-front-call": id, "accept-encoding": "identity" }, body);
    if (!call.result && !call.dropped) {
      complain(what, method, url, `Prism refused it: ${checked.status} ${checked.body.toString().slice(0, 300)}`);
      Object.assign(call, { result: await send(upstream, method, url, headers, body) });
    }
    const status = call.result?.status;
    for (const { location, severity, message } of JSON.parse(checked.headers["sl-violations"] ?? "[]")) {
      if (call.dropped || severity !== "Error") continue;
      complain(what, method, url, `${location.join(".")} ${message}${location[0] === "response" ? ` (${status})` : ""}`);
    }
  } finally { calls.delete(id); }
  if (call.dropped) return response.destroy();
  answer(response, call.result);
}

// Where Prism passes on what it has checked.
async function back(request, response) {
  const call = calls.get(request.headers["x-front-call"]);
  const body = await read(request);
  if (!call) return answer(response, { status: 500, headers: {}, body: Buffer.from("unknown call") });
  try {
    call.result = await send(call.upstream, request.method, call.url, call.headers, body);
    answer(response, withoutNulls(call.result));
  } catch {
    call.dropped = true;
    answer(response, { status: 502, headers: {}, body: Buffer.alloc(0) });
  }
}

const serve = (handle) => http.createServer((request, response) => handle(request, response).catch(() => response.destroy()));
const listen = (server, port) => new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(server.address().port)));

await listen(serve(back), Number(port) + 1);
await listen(serve(async (request, response) => {
  const url = new URL(request.url, "http://front");
  const text = (status, body) => answer(response, { status, headers: {}, body: Buffer.from(body) });
  if (url.pathname === "/report") {
    if (request.method === "DELETE") for (const map of [counts, complaints]) map.clear();
    return text(200, JSON.stringify({ nulls, operations: [...counts].sort(), complaints: [...complaints.values()], unused: known.filter((rule) => ![...complaints.values()].some((entry) => entry.known === rule.why)) }));
  }
  const upstream = url.searchParams.get("upstream");
  if (request.method !== "POST" || !upstream) return text(404, "");
  const own = await listen(serve((request, response) => pass(request, response, upstream)), 0);
  text(200, `http://127.0.0.1:${own}`);
}), Number(port));
console.log("ready");
