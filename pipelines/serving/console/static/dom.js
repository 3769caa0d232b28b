// Elements are made here and nowhere else: what is put inside becomes text or a node, never markup.
export function el(tag, about = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(about)) describe(made, name, value);
  made.append(...there(inside));
  return made;
}

function describe(made, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
  // The policy of the page allows no style attribute; properties set by script are no attribute.
  else if (name === "vars") for (const [key, one] of Object.entries(value)) made.style.setProperty(`--${key}`, one);
  else made.setAttribute(name, value === true ? "" : value);
}

export function fill(place, ...inside) {
  place.replaceChildren(...there(inside));
  return place;
}

function there(inside) {
  return inside.flat(3).filter((one) => one !== null && one !== undefined && one !== false && one !== "");
}

export function table(heads, rows, about = {}) {
  const head = el("tr", {}, heads.map(([said, kind]) => el("th", { scope: "col", class: kind }, said)));
  const lines = rows.map((row) =>
    el("tr", row.about ?? {}, row.cells.map((cell, at) => el("td", { class: heads[at][1], "data-head": heads[at][0] }, cell))));
  return el("div", { class: "scroll" }, el("table", about, el("thead", {}, head), el("tbody", {}, lines)));
}
