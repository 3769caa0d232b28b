// Requests to the service. The API key, if there is one, is sent along; it is stored until the tab closes.
const KEY = "needloop.key";

export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

export const apiKey = () => sessionStorage.getItem(KEY);
export const storeKey = (secret) => (secret ? sessionStorage.setItem(KEY, secret) : sessionStorage.removeItem(KEY));

async function send(path, options = {}) {
  const headers = { ...(options.headers ?? {}), ...(apiKey() ? { Authorization: `Bearer ${apiKey()}` } : {}) };
  const response = await fetch(path, { ...options, headers, cache: "no-store", credentials: "omit" });
  if (response.ok) return response;
  const detail = await response.json().then((body) => body.detail, () => response.statusText);
  if (response.status === 401) document.dispatchEvent(new CustomEvent("needloop:key"));
  throw new Refused(response.status, typeof detail === "string" ? detail : (detail ?? []).map((error) => error.msg).join("; "));
}

export const get = async (path) => (await send(path)).json();

export async function post(path, body, idempotencyKey) {
  const headers = { "Content-Type": "application/json", ...(idempotencyKey ? { "Idempotency-Key": idempotencyKey } : {}) };
  return (await send(path, { method: "POST", headers, body: JSON.stringify(body) })).json();
}

// A picture needs the API key too, which the address in an <img> could not carry.
export const picture = async (path) => URL.createObjectURL(await (await send(path)).blob());

// So does a file to download.
export async function download(path, name) {
  const address = URL.createObjectURL(await (await send(path)).blob());
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

export const randomToken = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

export const modelPath = (model, ...rest) => ["/v1/models", ...[model, ...rest].map(encodeURIComponent)].join("/");
