// The only way to the service: the key, if there is one, goes along; it lives as long as this tab.
const KEY = "needloop.key";

export class Refused extends Error {
  constructor(status, said) {
    super(said);
    this.status = status;
  }
}

export const key = () => sessionStorage.getItem(KEY);
export const remember = (secret) => (secret ? sessionStorage.setItem(KEY, secret) : sessionStorage.removeItem(KEY));

async function send(path, options = {}) {
  const headers = { ...(options.headers ?? {}), ...(key() ? { Authorization: `Bearer ${key()}` } : {}) };
  const answer = await fetch(path, { ...options, headers, cache: "no-store", credentials: "omit" });
  if (answer.ok) return answer;
  const said = await answer.json().then((body) => body.detail, () => answer.statusText);
  if (answer.status === 401) document.dispatchEvent(new CustomEvent("needloop:key"));
  throw new Refused(answer.status, typeof said === "string" ? said : (said ?? []).map((one) => one.msg).join("; "));
}

export const ask = async (path) => (await send(path)).json();

export async function tell(path, body, again) {
  const headers = { "Content-Type": "application/json", ...(again ? { "Idempotency-Key": again } : {}) };
  return (await send(path, { method: "POST", headers, body: JSON.stringify(body) })).json();
}

// A picture needs the key too, which an address in <img> could not carry.
export const picture = async (path) => URL.createObjectURL(await (await send(path)).blob());

// So does a file that is to be kept.
export async function save(path, name) {
  const address = URL.createObjectURL(await (await send(path)).blob());
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

export const token = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (one) => one.toString(16).padStart(2, "0")).join("");

export const of = (model, ...rest) => ["/v1/models", ...[model, ...rest].map(encodeURIComponent)].join("/");
