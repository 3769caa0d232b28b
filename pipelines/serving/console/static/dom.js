// The only place where elements are created: content becomes text or a node, never markup.
export function el(tag, attributes = {}, ...content) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  element.append(...nodes(content));
  return element;
}

function setAttribute(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  // The page's policy forbids style attributes; properties that a script sets are no attributes.
  else if (name === "vars") for (const [key, property] of Object.entries(value)) element.style.setProperty(`--${key}`, property);
  else element.setAttribute(name, value === true ? "" : value);
}

export function fill(place, ...content) {
  place.replaceChildren(...nodes(content));
  return place;
}

function nodes(content) {
  return content.flat(3).filter((node) => node !== null && node !== undefined && node !== false && node !== "");
}

export function table(heads, rows, attributes = {}) {
  const head = el("tr", {}, heads.map(([title, kind]) => el("th", { scope: "col", class: kind }, title)));
  const lines = rows.map((row) =>
    el("tr", row.about ?? {}, row.cells.map((cell, at) => el("td", { class: heads[at][1], "data-head": heads[at][0] }, cell))));
  return el("div", { class: "scroll" }, el("table", attributes, el("thead", {}, head), el("tbody", {}, lines)));
}
